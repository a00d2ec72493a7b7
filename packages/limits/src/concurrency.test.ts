import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createConcurrencyLimit } from './concurrency.ts';

test('a key has so many at a time, and room again for each that ends', () => {
  const limit = createConcurrencyLimit(2);
  assert.deepEqual([limit.enter('a'), limit.enter('a'), limit.enter('a')], [true, true, false]);
  assert.equal(limit.enter('b'), true);
  limit.leave('a');
  assert.deepEqual([limit.enter('a'), limit.enter('a')], [true, false]);
});
