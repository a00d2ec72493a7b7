import type { LimitState } from '../limit.ts';

/** What a bucket limit goes by. */
export interface BucketLimitOptions {
  /** What a key may take at once, after a rest. */
  readonly points: number;
  /** How long it takes until one point is there again. */
  readonly pointMs: number;
  /** Default: the monotonic clock. */
  readonly nowMs?: () => number;
}

/** Unlike a limit by windows: what is not allowed does not count, and `leftMs` is then the time to one more. */
export interface BucketLimit {
  take(key: string): LimitState;
  /** Tells what `take` would, and counts nothing. */
  peek(key: string): LimitState;
  /** One that was taken does not count after all. */
  giveBack(key: string): void;
}

/** Above these the ones that were counted longest ago go. */
const MOST_KEYS = 100_000;

/**
 * Makes a limit whose points come back one by one: a bucket that is slow to fill (GCRA, the virtual
 * scheduling algorithm of ITU-T I.371). In this process's memory, a number for each key, 100,000 keys at
 * most. Several processes count apart.
 *
 * @example
 * ```ts
 * import { createBucketLimit } from '@gatehouse/limits';
 *
 * const failures = createBucketLimit({ points: 60, pointMs: 60_000 });
 * const { allowed, leftMs } = failures.take('192.0.2.1');
 * if (!allowed) console.log(`one more in ${leftMs} ms`);
 * ```
 */
export function createBucketLimit(options: BucketLimitOptions): BucketLimit {
  const { points, pointMs, nowMs = () => performance.now() } = options;
  /** When each bucket will be full, those that were counted longest ago first. */
  const fullAtMs = new Map<string, number>();
  const wholeMs = points * pointMs;
  // In milliseconds, which add up exactly, unlike fractions of points.
  const stateOf = (takenMs: number): LimitState => ({
    allowed: takenMs <= wholeMs,
    left: Math.max(0, Math.floor((wholeMs - takenMs) / pointMs)),
    leftMs: takenMs <= wholeMs ? takenMs : takenMs - wholeMs,
  });
  const takenWith = (key: string, now: number): number =>
    Math.max(fullAtMs.get(key) ?? now, now) - now + pointMs;
  const keep = (key: string, atMs: number, now: number): void => {
    fullAtMs.delete(key);
    if (atMs > now) fullAtMs.set(key, atMs);
    // Each new key takes two old ones out when those are full, so that memory follows what is in use.
    let looks = 2;
    for (const [oldest, at] of fullAtMs) {
      if (fullAtMs.size <= MOST_KEYS && (looks === 0 || at > now)) break;
      looks = Math.max(0, looks - 1);
      fullAtMs.delete(oldest);
    }
  };
  return {
    take: (key) => {
      const now = nowMs();
      const takenMs = takenWith(key, now);
      if (takenMs <= wholeMs) keep(key, now + takenMs, now);
      return stateOf(takenMs);
    },
    peek: (key) => stateOf(takenWith(key, nowMs())),
    giveBack: (key) => {
      const at = fullAtMs.get(key);
      if (at !== undefined) keep(key, at - pointMs, nowMs());
    },
  };
}
