import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Limit, LimitSettings, LimitState } from './limit.ts';

/**
 * Makes a limit by `rate-limiter-flexible`, each key with a window of its own that begins with the
 * first that it takes. Results are promised, so that a store outside of the process can hold the counts.
 *
 * Today they are in this process's memory: several replicas count apart.
 *
 * @example
 * ```ts
 * import { createStoredLimit } from '@gatehouse/limits';
 *
 * const attempts = createStoredLimit({ points: 5, windowMs: 60_000 });
 * const { allowed } = await attempts.take('ada@example.com');
 * if (allowed) await attempts.giveBack('ada@example.com');
 * ```
 *
 * @param settings - `windowMs`: whole seconds.
 */
export function createStoredLimit({ points, windowMs }: LimitSettings): Limit {
  const limiter = new RateLimiterMemory({ points, duration: windowMs / 1_000 });
  const stateOf = ({ consumedPoints, msBeforeNext }: RateLimiterRes): LimitState => ({
    allowed: consumedPoints <= points,
    left: Math.max(0, points - consumedPoints),
    leftMs: msBeforeNext,
  });
  return {
    take: async (key) => {
      try {
        return stateOf(await limiter.consume(key));
      } catch (refusal) {
        if (refusal instanceof RateLimiterRes) return stateOf(refusal);
        throw refusal;
      }
    },
    peek: async (key) => {
      const state = await limiter.get(key);
      if (state === null)
        return { allowed: points > 0, left: Math.max(0, points - 1), leftMs: windowMs };
      const { consumedPoints, msBeforeNext } = state;
      return stateOf(new RateLimiterRes(0, msBeforeNext, consumedPoints + 1));
    },
    giveBack: async (key) => {
      const state = await limiter.get(key);
      // One that is not known has nothing to give back, and would have one more than others.
      if (state !== null && state.consumedPoints > 0) await limiter.reward(key);
    },
  };
}
