/** How many repeats an upstream can stand: a share of its requests, and a few more each second. */
import type { Clock } from '@gatehouse/tokens';

/** Asked before each repeat, so that repeats cannot multiply the load of an upstream in trouble. */
export interface RetryBudget {
  /** One request came in. */
  deposit(): void;
  /** @returns whether one repeat may be made; it counts then. */
  withdraw(): boolean;
}

/** No more than this is saved up in quiet times. */
const MAX_SAVED = 100;
const MIN_SAVED_SECONDS = 10;

/**
 * @param settings - `ratio`: repeats per request, 0 to 1; `minPerSecond`: repeats beside those.
 */
export function createRetryBudget(
  settings: { readonly ratio: number; readonly minPerSecond: number },
  clock: Clock,
): RetryBudget {
  const { ratio, minPerSecond } = settings;
  const mostGranted = minPerSecond * MIN_SAVED_SECONDS;
  let earned = 0;
  let granted = mostGranted;
  let atMs = clock.nowMs();
  return {
    deposit: () => {
      earned = Math.min(MAX_SAVED, earned + ratio);
    },
    withdraw: () => {
      const nowMs = clock.nowMs();
      granted = Math.min(mostGranted, granted + ((nowMs - atMs) / 1000) * minPerSecond);
      atMs = nowMs;
      if (earned >= 1) {
        earned -= 1;
        return true;
      }
      if (granted < 1) return false;
      granted -= 1;
      return true;
    },
  };
}
