import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createRefreshToken, openSuccessor, sealSuccessor } from '../sessions/refresh-secrets.ts';
import { open, seal } from './sealing.ts';

const plain = Buffer.from('a secret');
const purpose = 'test';

test('what was sealed opens under the same key and purpose only', () => {
  const key = randomBytes(32);
  const sealed = seal(key, { plain, purpose });
  assert.deepEqual(open(key, { sealed, purpose }), plain);
  assert.ok(!sealed.includes(plain));
  assert.throws(() => open(randomBytes(32), { sealed, purpose }));
  assert.throws(() => open(key, { sealed, purpose: 'another' }));
  for (const index of sealed.keys()) {
    const changed = Buffer.from(sealed);
    changed[index] = (changed[index] ?? 0) ^ 1;
    assert.throws(() => open(key, { sealed: changed, purpose }));
  }
  assert.throws(() => open(key, { sealed: sealed.subarray(0, 20), purpose }));
});

test('a successor opens with its predecessor only', () => {
  const [old, successor] = [createRefreshToken(), createRefreshToken()];
  assert.equal(Buffer.from(old, 'base64url').length, 32);
  const sealed = sealSuccessor(old, successor);
  assert.equal(openSuccessor(old, sealed), successor);
  assert.throws(() => openSuccessor(successor, sealed));
});
