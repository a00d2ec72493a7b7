import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backOffMs } from './back-off.ts';

const waits = (random: number) =>
  [1, 2, 3, 4, 5, 2_000].map((failures) =>
    backOffMs(failures, { firstMs: 100, maxMs: 1_000, random: () => random }),
  );

test('it doubles up to the longest wait, and the later half is random', () => {
  assert.deepEqual(waits(1), [100, 200, 400, 800, 1_000, 1_000]);
  assert.deepEqual(waits(0), [50, 100, 200, 400, 500, 500]);
});

test('by default it varies', () => {
  const seen = new Set(
    Array.from({ length: 20 }, () => backOffMs(1, { firstMs: 100, maxMs: 100 })),
  );
  assert.ok(seen.size > 1);
  for (const ms of seen) assert.ok(ms >= 50 && ms <= 100, `${ms}`);
});
