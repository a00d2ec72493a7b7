import assert from 'node:assert/strict';
import { test } from 'node:test';
import { duration, megabytes, table } from './text.ts';

test('columns are as wide as their widest cell, and lines have no blanks at their end', () => {
  const rows = [
    ['a', 'longer', ''],
    ['bcd', '', 'x'],
  ];
  assert.deepEqual(table(['one', 'two', 'three'], rows), [
    '  one  two     three',
    '  a    longer',
    '  bcd          x',
  ]);
});

test('durations are shown in the largest unit that fits', () => {
  assert.equal(duration(0), '0 seconds');
  assert.equal(duration(1_999), '1 second');
  assert.equal(duration(-61_000), '1 minute');
  assert.equal(duration(2 * 3_600_000), '2 hours');
  assert.equal(duration(50 * 3_600_000), '2 days');
});

test('memory is shown in millions of bytes', () => {
  assert.equal(megabytes(92_400_000), '92 MB');
});
