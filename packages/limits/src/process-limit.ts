import type { Limit, LimitSettings, LimitState } from './limit.ts';

/** A limit in this process's memory, whose results are there at once: for every request of a gateway. */
export interface ProcessLimit extends Limit {
  take(key: string): LimitState;
  peek(key: string): LimitState;
  giveBack(key: string): void;
}

/** What a process limit goes by. */
export interface ProcessLimitOptions extends LimitSettings {
  /** What a key is counted as, such as `limitedAddress`. Asked once a window for a key. Default: as it is. */
  readonly countedAs?: (key: string) => string;
  /** Default: the monotonic clock. */
  readonly nowMs?: () => number;
}

interface Count {
  taken: number;
}

/**
 * Makes a limit with fixed windows, the same for all keys: each begins with the first that is counted
 * after the last one ended. At its end all counts go at once, so memory holds the keys of one window,
 * and nothing is scanned. A key may have up to twice as much around the end of a window. Several
 * processes count apart. There is no store that could be unreachable, so it fails neither open nor closed.
 *
 * @example
 * ```ts
 * import { createProcessLimit, limitedAddress } from '@gatehouse/limits';
 *
 * const limit = createProcessLimit({ points: 500, windowMs: 1_000, countedAs: limitedAddress });
 * const { allowed, leftMs } = limit.take('2001:db8::1');
 * if (!allowed) console.log(`retry in ${leftMs} ms`);
 * ```
 */
export function createProcessLimit(options: ProcessLimitOptions): ProcessLimit {
  const { points, windowMs, countedAs = (key) => key } = options;
  const { nowMs = () => performance.now() } = options;
  // As given beside as counted, since to find the latter takes longer than all else here.
  let byGiven = new Map<string, Count>();
  let byKey = new Map<string, Count>();
  let beganMs = Number.NEGATIVE_INFINITY;
  const countOf = (given: string): Count => {
    const key = countedAs(given);
    const count = byKey.get(key) ?? { taken: 0 };
    byKey.set(key, count);
    byGiven.set(given, count);
    return count;
  };
  const known = (given: string): Count | undefined =>
    byGiven.get(given) ?? byKey.get(countedAs(given));
  const begin = (now: number): void => {
    if (now - beganMs < windowMs) return;
    byGiven = new Map();
    byKey = new Map();
    beganMs = now;
  };
  const stateOf = (taken: number, now: number): LimitState => ({
    allowed: taken <= points,
    left: Math.max(0, points - taken),
    // In this order it is never above the window, however the clock's fractions round.
    leftMs: windowMs - (now - beganMs),
  });
  return {
    take: (key) => {
      const now = nowMs();
      begin(now);
      const count = byGiven.get(key) ?? countOf(key);
      count.taken += 1;
      return stateOf(count.taken, now);
    },
    peek: (key) => {
      const now = nowMs();
      begin(now);
      return stateOf((known(key)?.taken ?? 0) + 1, now);
    },
    giveBack: (key) => {
      begin(nowMs());
      const count = known(key);
      if (count !== undefined && count.taken > 0) count.taken -= 1;
    },
  };
}
