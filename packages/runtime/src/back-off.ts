/** Between which bounds attempts are repeated. */
export interface BackOff {
  readonly firstMs: number;
  readonly maxMs: number;
  /** 0 to 1. Default: `Math.random`. */
  readonly random?: () => number;
}

/**
 * Tells how long to wait before the next attempt: `firstMs` doubled with each failure up to `maxMs`, of
 * which the later half is random, so that all that lost the same server do not come back at once.
 *
 * @example
 * ```ts
 * import { setTimeout as delay } from 'node:timers/promises';
 * import { backOffMs } from '@gatehouse/runtime';
 *
 * await delay(backOffMs(3, { firstMs: 200, maxMs: 5_000 }));
 * ```
 *
 * @param failures - in a row, 1 or more.
 */
export function backOffMs(
  failures: number,
  { firstMs, maxMs, random = Math.random }: BackOff,
): number {
  // Bounded, since 2 ** 1024 is Infinity.
  const fullMs = Math.min(firstMs * 2 ** Math.min(failures - 1, 60), maxMs);
  return (fullMs / 2) * (1 + random());
}
