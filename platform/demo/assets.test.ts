/** That core takes such a history, and a chart shows it, is for the end-to-end tests. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inventHistory } from './assets.ts';

test('sixty days in a row that end today in Seoul, each what its multiplier says', () => {
  const days = inventHistory(Date.parse('2026-11-26T15:30:00Z'), Math.random);
  assert.equal(days.length, 60);
  assert.deepEqual([days[0]?.date, days.at(-1)?.date], ['2026-09-29', '2026-11-27']);
  for (const [index, { multiplier, originalAsset, asset }] of days.entries()) {
    assert.match(multiplier, /^(0\.9[5-9]|1\.0[0-5])\d{6}$/);
    assert.equal(originalAsset, days[index - 1]?.asset ?? originalAsset);
    const exact = Number(originalAsset) * Number(multiplier);
    assert.ok(Math.abs(Number(asset) - exact) <= 0.5 + 1e-6, `${asset} and ${exact}`);
  }
});

test('the most extreme chance stays within 5 %', () => {
  for (const chance of [0, 1]) {
    for (const { multiplier } of inventHistory(0, () => chance)) {
      assert.ok(Number(multiplier) >= 0.95 && Number(multiplier) <= 1.05);
    }
  }
});
