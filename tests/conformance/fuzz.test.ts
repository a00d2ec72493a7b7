import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzz } from './fuzz.ts';

test('a second of the fuzzer: every verifier answers with claims or a TokenError', async (t) => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  t.diagnostic(`seed ${seed}`);
  const { tokens, accepted } = await fuzz(seed, 1);
  // Else it fuzzes nothing but the first check.
  assert.ok(tokens > 100 && accepted > tokens / 20, `${accepted} of ${tokens} accepted`);
});
