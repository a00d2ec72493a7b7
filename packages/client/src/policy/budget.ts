/** Bounds how many calls are repeats, so that a target in trouble does not get twice the load. */
import type { Clock } from '@gatehouse/tokens';
import type { BudgetSettings } from './policy.ts';

/** The repeats that a target's calls may still make. */
export interface RetryBudget {
  /** A call began. */
  earn(): void;
  /** Asks for one repeat. @returns false when there is none left. */
  spend(): boolean;
}

/** How long what was saved up lasts. */
const SAVED_MS = 10_000;

/**
 * A bucket that each call fills by `ratio`, and time by `leastPerSecond`; a repeat takes one. It begins with a
 * second's worth and holds ten at most.
 */
export function createRetryBudget(settings: BudgetSettings, clock: Clock): RetryBudget {
  const { ratio, leastPerSecond } = settings;
  const most = (leastPerSecond * SAVED_MS) / 1_000 || ratio;
  let saved = leastPerSecond;
  let filledAtMs = clock.nowMs();
  return {
    earn: () => {
      saved = Math.min(most, saved + ratio);
    },
    spend: () => {
      const nowMs = clock.nowMs();
      const seconds = Math.max(0, nowMs - filledAtMs) / 1_000;
      filledAtMs = nowMs;
      saved = Math.min(most, saved + seconds * leastPerSecond);
      if (saved < 1) return false;
      saved -= 1;
      return true;
    },
  };
}
