import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limitedAddress } from './address.ts';
import { createProcessLimit } from './process-limit.ts';
import { limitSuite } from './test-support/suite.ts';

limitSuite('in the process', (settings) => {
  let nowMs = 0;
  return {
    limit: createProcessLimit({ ...settings, nowMs: () => nowMs }),
    advance: (ms) => {
      nowMs += ms;
    },
  };
});

test('the window is the same for all keys', () => {
  let nowMs = 0;
  const limit = createProcessLimit({ points: 2, windowMs: 1000, nowMs: () => nowMs });
  limit.take('192.0.2.1');
  nowMs = 999;
  assert.deepEqual(limit.take('192.0.2.2'), { allowed: true, left: 1, leftMs: 1 });
});

test('addresses of one IPv6 /64 are one, however they are written', () => {
  const countedAs = limitedAddress;
  const limit = createProcessLimit({ points: 2, windowMs: 1000, countedAs, nowMs: () => 0 });
  limit.take('2001:db8::1');
  limit.take('2001:db8:0:0:ffff::2');
  assert.equal(limit.peek('2001:db8::3').allowed, false);
  assert.equal(limit.take('2001:db8::1').allowed, false);
  assert.equal(limit.take('2001:db8:0:1::1').allowed, true);
});

test('a new window never lasts longer than windows do, whatever fraction the clock stands at', () => {
  for (let step = 0; step < 1000; step += 1) {
    const nowMs = 600 + step * 0.1;
    const limit = createProcessLimit({ points: 1, windowMs: 1000, nowMs: () => nowMs });
    assert.equal(limit.take('192.0.2.1').leftMs, 1000, `${nowMs}`);
  }
});
