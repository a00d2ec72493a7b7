import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refused } from '../errors.ts';
import { createRequestLimit } from './request-limit.ts';

/** Takes until it is refused; how often it was not, and the refusal. */
async function exhaust(limit: ReturnType<typeof createRequestLimit>, address: string) {
  for (let taken = 0; taken <= 100; taken += 1) {
    try {
      limit.take(address);
    } catch (refusal) {
      assert.ok(refusal instanceof Refused);
      return { taken, refusal };
    }
  }
  return assert.fail('was never refused');
}

// A second may end between two requests of a busy machine, and give the steady part again.
const atLeast = (taken: number, least: number): void => assert.ok(taken >= least, `${taken}`);

test('an address gets its requests of the second, then its burst, then 429 with a time to come again', async () => {
  const limit = createRequestLimit({ perSecond: 5, burst: 10 });
  const { taken, refusal } = await exhaust(limit, '192.0.2.1');
  atLeast(taken, 15);
  assert.equal(refusal.error.code, 'gateway.too_many_requests');
  assert.equal(refusal.error.httpStatus, 429);
  const { retryAfterSeconds = 0 } = refusal.error;
  assert.ok(retryAfterSeconds > 0 && retryAfterSeconds <= 1);
  assert.match(refusal.headers.ratelimit ?? '', /^"second";r=0;t=1$/);
});

test('others are not concerned, but all of one IPv6 /64 are one', async () => {
  const limit = createRequestLimit({ perSecond: 50, burst: 0 });
  await exhaust(limit, '2001:db8:0:1::1');
  await assert.rejects(exhaustedAt(limit, '2001:db8:0:1:ffff::2'), Refused);
  limit.take('2001:db8:0:2::1');
  limit.take('192.0.2.1');
});

test('each answer says how much is left', async () => {
  const limit = createRequestLimit({ perSecond: 1000, burst: 20 });
  const headers = limit.take('192.0.2.1');
  assert.equal(headers['ratelimit-policy'], '"second";q=1000;w=1, "burst";q=20;w=10');
  assert.equal(headers.ratelimit, '"second";r=999;t=1');
});

/** Takes as often as a new second may have begun meanwhile. */
async function exhaustedAt(limit: ReturnType<typeof createRequestLimit>, address: string) {
  for (let i = 0; i < 60; i += 1) limit.take(address);
}
