/** The daily multiplier: how it is drawn, and what it makes of an asset. Whole numbers throughout. */
import { extensionErrors } from '../errors.ts';

/** Standard deviation of the logarithm. */
const SIGMA = 0.02;
const LEAST = 0.95;
const MOST = 1.05;
const DECIMALS = 8;
const ONE = 10n ** BigInt(DECIMALS);

/** The largest asset: a signed 64-bit integer. */
export const MAX_INT64 = 2n ** 63n - 1n;

/** A number from 0 up to, and without, 1. */
export type Uniform = () => number;

/**
 * Draws a multiplier: lognormal around 1 (μ = 0, σ = 0.02), clamped to 0.95 to 1.05, to 8 decimals.
 *
 * @returns decimal text: `1.01234567`.
 */
export function drawMultiplier(uniform: Uniform): string {
  // Box and Muller, 1958. The logarithm needs a number above 0.
  const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
  const normal = radius * Math.cos(2 * Math.PI * uniform());
  const drawn = Math.min(MOST, Math.max(LEAST, Math.exp(SIGMA * normal)));
  return drawn.toFixed(DECIMALS);
}

/** As it is shown: no zeros at the end, but one digit after the point. */
export function shortest(multiplier: string): string {
  return multiplier.replace(/(\.\d+?)0+$/, '$1');
}

/**
 * The asset times the multiplier, exactly, rounded to the nearest whole number; a half goes up.
 *
 * @param asset - 0 to 2⁶³ − 1.
 * @param multiplier - from {@link drawMultiplier}, with or without zeros at its end.
 * @throws `extension.asset_too_large` when the result is above 2⁶³ − 1.
 */
export function updatedAsset(asset: bigint, multiplier: string): bigint {
  const [whole = '', fraction = ''] = multiplier.split('.');
  const units = BigInt(whole + fraction.padEnd(DECIMALS, '0'));
  const updated = (asset * units + ONE / 2n) / ONE;
  if (updated > MAX_INT64) {
    const detail = 'is so large that the day’s multiplier takes it out of 64 bits';
    throw extensionErrors.ASSET_TOO_LARGE({ fields: [{ pointer: '/asset', detail }] });
  }
  return updated;
}
