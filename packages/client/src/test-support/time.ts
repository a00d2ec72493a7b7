/** A clock and its timers, turned by hand. */
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '@gatehouse/tokens';
import type { After } from '../timers.ts';

/** Time that stands still until it is told to go. */
export interface TestTime {
  readonly clock: Clock;
  readonly after: After;
  /** Goes on, and runs each timer when its time has come. */
  advance(ms: number): Promise<void>;
  /** Sets the clock without running a timer. */
  jump(ms: number): void;
  /** How many timers wait. */
  readonly waiting: number;
}

/** @param startMs - Default: a whole second of the year 2026. */
export function createTestTime(startMs = 1_790_000_000_000): TestTime {
  let nowMs = startMs;
  let timers: { readonly atMs: number; readonly run: () => void }[] = [];
  return {
    clock: { nowMs: () => nowMs },
    after: (ms, run) => {
      const timer = { atMs: nowMs + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance: async (ms) => {
      const untilMs = nowMs + ms;
      for (;;) {
        await turn();
        const [next] = timers.toSorted((a, b) => a.atMs - b.atMs);
        if (next === undefined || next.atMs > untilMs) break;
        timers = timers.filter((timer) => timer !== next);
        nowMs = Math.max(nowMs, next.atMs);
        next.run();
      }
      nowMs = untilMs;
    },
    jump: (ms) => {
      nowMs += ms;
    },
    get waiting() {
      return timers.length;
    },
  };
}
