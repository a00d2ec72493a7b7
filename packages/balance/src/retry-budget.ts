/** Bounds how many calls are retries, so that a target in trouble does not get twice the load. */
import type { Clock } from '@gatehouse/tokens';

/** Settings of a retry budget. */
export interface BudgetSettings {
  /** Retries for each call, on the average. */
  readonly ratio: number;
  /** Retries beside those. */
  readonly minPerSecond: number;
}

/** The retries that a target's calls may still make. */
export interface RetryBudget {
  /** A call began. */
  earn(): void;
  /** Asks for one retry, which counts then. @returns false when there is none left. */
  spend(): boolean;
}

/** No more than this, or ten seconds of `minPerSecond`, is saved up in quiet times. */
const MAX_SAVED = 100;
const MAX_SAVED_SECONDS = 10;
const AT_START = 10;
// A fifth that is added five times is a little less than one.
const WHOLE = 1 - 1e-9;

/**
 * A bucket that each call fills by `ratio`, and time by `minPerSecond`; a retry takes one. It begins
 * with ten, or with what ten seconds fill if that is less.
 *
 * @example
 * ```ts
 * import { createRetryBudget } from '@gatehouse/balance';
 *
 * const budget = createRetryBudget({ ratio: 0.2, minPerSecond: 10 }, { nowMs: Date.now });
 * budget.earn();
 * if (budget.spend()) console.log('one retry is allowed');
 * ```
 */
export function createRetryBudget(settings: BudgetSettings, clock: Clock): RetryBudget {
  const { ratio, minPerSecond } = settings;
  const most = Math.max(MAX_SAVED, minPerSecond * MAX_SAVED_SECONDS);
  let saved = Math.min(AT_START, minPerSecond * MAX_SAVED_SECONDS);
  let filledAtMs = clock.nowMs();
  return {
    earn: () => {
      saved = Math.min(most, saved + ratio);
    },
    spend: () => {
      const nowMs = clock.nowMs();
      const seconds = Math.max(0, nowMs - filledAtMs) / 1_000;
      filledAtMs = nowMs;
      saved = Math.min(most, saved + seconds * minPerSecond);
      if (saved < WHOLE) return false;
      saved = Math.max(0, saved - 1);
      return true;
    },
  };
}
