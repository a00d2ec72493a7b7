import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moving, type ProgressLine, summary } from './progress.ts';

const line: ProgressLine = {
  date: '2026-11-26',
  isRunning: true,
  isDone: false,
  total: 10_000,
  updated: 1_234,
  failed: 0,
  setAside: 0,
  elapsedMs: 3_020,
};

test('a line shows the progress, rounded down', () => {
  assert.equal(moving(line), `2026-11-26  ███${'░'.repeat(21)}  1,234 of 10,000 (12 %)`);
  assert.match(moving({ ...line, failed: 7 }), /\(12 %\), 7 attempts failed$/);
  assert.match(moving({ ...line, total: 0, updated: 0 }), /0 of 0 \(0 %\)$/);
  assert.match(moving({ ...line, updated: 9_999 }), /\(99 %\)$/);
});

test('a summary shows what is left, and what to do about it', () => {
  const done = { ...line, updated: 10_000, isRunning: false, isDone: true };
  assert.equal(summary(done), '2026-11-26: all 10,000 assets have their value of the day (3.0 s).');
  assert.match(summary({ ...done, failed: 3 }), / 3 attempts failed\.$/);
  assert.match(summary({ ...done, total: 0 }), /no asset is due/);
  assert.match(
    summary({ ...line, isRunning: false, failed: 9_000 }),
    /^2026-11-26: 1,234 of 10,000 .* 9,000 attempts failed\.\n.*continues with what is left\.$/s,
  );
});
