import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWindowCounts } from './window-counts.ts';

test('each address has its points, and all of them again in the next window', () => {
  let nowMs = 0;
  const counts = createWindowCounts({ points: 2, windowMs: 1000 }, () => nowMs);
  const allowed = (address: string) => counts.take(address).allowed;
  assert.deepEqual([allowed('192.0.2.1'), allowed('192.0.2.1')], [true, true]);
  nowMs = 999;
  assert.deepEqual(counts.take('192.0.2.1'), { allowed: false, left: 0, leftMs: 1 });
  assert.deepEqual(counts.take('192.0.2.2'), { allowed: true, left: 1, leftMs: 1 });
  nowMs = 1000;
  assert.deepEqual(counts.take('192.0.2.1'), { allowed: true, left: 1, leftMs: 1000 });
});

test('addresses of one IPv6 /64 are one, however they are written', () => {
  const counts = createWindowCounts({ points: 2, windowMs: 1000 }, () => 0);
  counts.take('2001:db8::1');
  counts.take('2001:db8:0:0:ffff::2');
  assert.equal(counts.take('2001:db8::1').allowed, false);
  assert.equal(counts.take('2001:db8:0:1::1').allowed, true);
});

test('no points: nothing is allowed', () => {
  const counts = createWindowCounts({ points: 0, windowMs: 1000 }, () => 0);
  assert.equal(counts.take('192.0.2.1').allowed, false);
});

test('a new window never lasts longer than windows do, whatever fraction the clock stands at', () => {
  for (let step = 0; step < 1000; step += 1) {
    const nowMs = 600 + step * 0.1;
    const counts = createWindowCounts({ points: 1, windowMs: 1000 }, () => nowMs);
    assert.equal(counts.take('192.0.2.1').leftMs, 1000, `${nowMs}`);
  }
});

test('who only asks is told what one more would be told, and counts nothing', () => {
  let nowMs = 0;
  const counts = createWindowCounts({ points: 1, windowMs: 1000 }, () => nowMs);
  for (let i = 0; i < 3; i += 1) {
    assert.deepEqual(counts.peek('2001:db8::1'), { allowed: true, left: 0, leftMs: 1000 });
  }
  counts.take('2001:db8::1');
  nowMs = 400;
  assert.deepEqual(counts.peek('2001:db8::ffff'), { allowed: false, left: 0, leftMs: 600 });
  nowMs = 1000;
  assert.equal(counts.peek('2001:db8::1').allowed, true);
});
