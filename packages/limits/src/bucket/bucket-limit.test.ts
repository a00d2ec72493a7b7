import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBucketLimit } from './bucket-limit.ts';

function rig(points: number, pointMs: number) {
  const clock = { nowMs: 0 };
  return { clock, limit: createBucketLimit({ points, pointMs, nowMs: () => clock.nowMs }) };
}

test('all points are there at once, and come back one by one', () => {
  const { clock, limit } = rig(3, 1_000);
  const allowed = () => limit.take('a').allowed;
  assert.deepEqual([allowed(), allowed(), allowed(), allowed()], [true, true, true, false]);
  assert.equal(limit.take('b').allowed, true);
  clock.nowMs = 1_000;
  assert.deepEqual([allowed(), allowed()], [true, false]);
  clock.nowMs = 60_000;
  assert.deepEqual([allowed(), allowed(), allowed(), allowed()], [true, true, true, false]);
});

test('what was denied does not count, and says how long it takes', () => {
  const { clock, limit } = rig(1, 1_000);
  limit.take('a');
  for (let count = 0; count < 50; count += 1) assert.equal(limit.take('a').leftMs, 1_000);
  clock.nowMs = 400;
  assert.equal(limit.peek('a').leftMs, 600);
  clock.nowMs = 1_000;
  assert.equal(limit.take('a').allowed, true);
});

test('what is given back is there again, and never more than all', () => {
  const { limit } = rig(2, 1_000);
  limit.take('a');
  for (let count = 0; count < 5; count += 1) limit.giveBack('a');
  assert.deepEqual(
    [1, 2, 3].map(() => limit.take('a').allowed),
    [true, true, false],
  );
});
