import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testClock } from '../test-support/forge.ts';
import { issuerAheadMs, lifetimeOf, timeLeftMs } from './expiry.ts';

const tokenWith = (claims: object) => ({ header: {}, claims: claims as Record<string, unknown> });
const token = tokenWith({ iat: 1_800_000_000, exp: 1_800_000_900 });

test('the time left is counted by our clock where the clocks agree', () => {
  assert.equal(timeLeftMs(token, { clock: testClock(1_800_000_100_000) }), 800_000);
  assert.equal(timeLeftMs(token, { clock: testClock(1_800_000_900_000) }), 0);
});

test('a clock that is an hour off does no harm once the difference is measured', () => {
  for (const off of [-3_600_000, 3_600_000]) {
    const clock = testClock(1_800_000_000_000 + off);
    const ahead = issuerAheadMs(token, clock.nowMs());
    assert.equal(ahead, -off);
    clock.advanceMs(100_000);
    assert.equal(timeLeftMs(token, { clock, issuerAheadMs: ahead }), 800_000);
  }
});

test('times that are missing, of another type, or the wrong way round are refused', () => {
  const bad = [
    {},
    { iat: 1 },
    { exp: 2 },
    { iat: '1', exp: 2 },
    { iat: 1, exp: 2.5 },
    { iat: 1, exp: Number.MAX_VALUE },
    { iat: -1, exp: 2 },
    { iat: 2, exp: 2 },
  ];
  for (const claims of bad) {
    assert.throws(() => lifetimeOf(tokenWith(claims)), { code: 'claim' }, JSON.stringify(claims));
  }
});
