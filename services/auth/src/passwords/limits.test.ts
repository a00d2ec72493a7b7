import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAddressLimiter, createAttemptLimiter } from './limits.ts';

test('attempts are counted per account and address', async () => {
  const limiter = createAttemptLimiter();
  for (let time = 0; time < 5; time += 1) await limiter.take('a@example.com', '192.0.2.1');
  await assert.rejects(limiter.take('a@example.com', '192.0.2.1'), {
    code: 'auth.too_many_attempts',
  });
  await limiter.take('a@example.com', '192.0.2.2');
  await limiter.take('b@example.com', '192.0.2.1');
});

test('from everywhere at once an account becomes slower, and is never locked', async () => {
  const waits: number[] = [];
  const wait = async (ms: number) => void waits.push(ms);
  const limits = { perAddress: 5, perAccount: 3, delayMs: 1000, wait };
  const limiter = createAttemptLimiter(limits);
  for (let host = 1; host <= 5; host += 1) await limiter.take('a@example.com', `192.0.2.${host}`);
  assert.deepEqual(waits, [1000, 1000]);
});

test('an address has so many uses a minute', async () => {
  const take = createAddressLimiter(2);
  await take('192.0.2.1');
  await take('192.0.2.1');
  await assert.rejects(take('192.0.2.1'), { kind: 'RESOURCE_EXHAUSTED' });
  await take('192.0.2.2');
});
