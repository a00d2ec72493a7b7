import type { Clock } from '@gatehouse/tokens';

/** A clock that stands still until it is told to go. */
export interface TestClock extends Clock {
  advance(ms: number): void;
}

/** @param startMs - Default: now, so that certificates, which use the system's clock, agree. */
export function createTestClock(startMs: number = Date.now()): TestClock {
  let nowMs = startMs;
  return {
    nowMs: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
    },
  };
}
