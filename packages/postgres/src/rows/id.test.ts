import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId } from './id.ts';

const clockAt = (nowMs: number) => ({ at: nowMs, nowMs: () => nowMs });

test('an id is its prefix and 26 lower-case characters', () => {
  assert.match(newId('usr'), /^usr_[0-9a-hjkmnp-tv-z]{26}$/);
});

test('ids that one process makes in one millisecond are in strict order', () => {
  const clock = clockAt(1_800_000_000_000);
  const ids = Array.from({ length: 40_000 }, () => newId('pst', clock));
  // Not compared as lists: the difference of two that long takes tens of gigabytes to tell.
  const first = ids.findIndex((id, index) => index > 0 && id <= (ids[index - 1] ?? ''));
  assert.equal(first, -1, `${ids[first - 1]} before ${ids[first]}`);
});

test('ids sort by the time they were made', () => {
  const times = [0, 1, 999, 1_600_000_000_000, 1_800_000_000_000, 1_800_000_000_001, 2 ** 49];
  const ids = times.map((nowMs) => newId('pst', clockAt(nowMs)));
  assert.deepEqual(ids, [...ids].sort());
});

test('a clock that steps back does not take the order back', () => {
  let nowMs = 1_800_000_000_000;
  const clock = { nowMs: () => nowMs };
  const before = newId('pst', clock);
  nowMs -= 60_000;
  assert.ok(newId('pst', clock) > before);
});

test('two processes in one millisecond do not meet', () => {
  const ids = Array.from({ length: 1_000 }, () => newId('pst', clockAt(1_800_000_000_000)));
  assert.equal(new Set(ids).size, ids.length);
});

test('a prefix that would not read as one is refused', () => {
  for (const prefix of ['', 'a', 'Usr', 'us_r', '1ab', 'a'.repeat(13)]) {
    assert.throws(() => newId(prefix), /prefix/);
  }
});
