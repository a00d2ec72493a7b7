import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { drawMultiplier, MAX_INT64, shortest, updatedAsset } from './multiplier.ts';

const uniform = () => randomInt(2 ** 47) / 2 ** 47;

test('multipliers are lognormal with σ = 0.02 around 1, clamped to ±5 %', () => {
  const logs = Array.from({ length: 20_000 }, () => Math.log(Number(drawMultiplier(uniform))));
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const deviation = Math.sqrt(logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / logs.length);
  assert.ok(Math.abs(mean) < 0.001, `mean ${mean}`);
  // Clamping 2.5 standard deviations out takes 1 to 2 % of it away.
  assert.ok(deviation > 0.0192 && deviation < 0.0202, `deviation ${deviation}`);
  // About 0.6 % on each side are clamped, so that both limits were drawn.
  assert.equal(Math.min(...logs), Math.log(0.95));
  assert.equal(Math.max(...logs), Math.log(1.05));
});

test('the most extreme chance is clamped too', () => {
  for (const chance of [0, 1 - 2 ** -47]) {
    for (const angle of [0, 0.5]) {
      const draws = [chance, angle];
      assert.match(
        drawMultiplier(() => draws.shift() ?? 0),
        /^(0\.9[5-9]|1\.0[0-5])\d{6}$/,
      );
    }
  }
});

test('an asset is multiplied exactly, a half goes up, and nothing overflows', () => {
  const cases = [
    [0n, '1.05000000', 0n],
    [100n, '1.01234567', 101n],
    [1n, '0.95', 1n],
    [10n, '0.95', 10n],
    [50n, '1.05', 53n],
    [9_007_199_254_740_993n, '1.00000001', 9_007_199_344_812_986n],
    [MAX_INT64, '1.00000000', MAX_INT64],
    [MAX_INT64, '0.95', 8_762_203_435_012_037_017n],
  ] as const;
  for (const [asset, multiplier, expected] of cases) {
    assert.equal(updatedAsset(asset, multiplier), expected, `${asset} × ${multiplier}`);
  }
  assert.throws(() => updatedAsset(MAX_INT64, '1.00000001'), { code: 'extension.asset_too_large' });
});

test('a multiplier is shown without zeros at its end', () => {
  const cases = { '1.01230000': '1.0123', '1.00000000': '1.0', '0.95000001': '0.95000001' };
  for (const [kept, shown] of Object.entries(cases)) assert.equal(shortest(kept), shown);
});
