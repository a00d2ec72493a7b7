import assert from 'node:assert/strict';
import { test } from 'node:test';
import { daysAfter, daysBetween, isDay, seoulDay, sinceSeoulMidnightMs } from './days.ts';

test('a day begins at midnight in Seoul', () => {
  const last = Date.parse('2026-11-26T14:59:59.999Z');
  assert.equal(seoulDay(last), '2026-11-26');
  assert.equal(sinceSeoulMidnightMs(last), 86_399_999);
  assert.equal(seoulDay(last + 1), '2026-11-27');
  assert.equal(sinceSeoulMidnightMs(last + 1), 0);
});

test('a day is one that the calendar has', () => {
  for (const day of ['2026-11-26', '2024-02-29', '0001-01-01']) assert.ok(isDay(day), day);
  for (const day of ['2026-02-29', '2026-13-01', '2026-1-1', '0000-01-01', '2026-11-26T00', '']) {
    assert.ok(!isDay(day), day);
  }
});

test('days are counted over the ends of months and years', () => {
  assert.equal(daysAfter('2026-12-31', 1), '2027-01-01');
  assert.equal(daysAfter('2024-03-01', -1), '2024-02-29');
  assert.equal(daysBetween('2026-01-01', '2027-01-01'), 365);
  assert.equal(daysBetween('2026-11-26', '2026-11-25'), -1);
});
