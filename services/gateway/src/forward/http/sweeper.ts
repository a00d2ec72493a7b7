/** Time-outs of many things by one timer, so that none is set or moved for a request or a chunk. */
import type { Clock } from '@gatehouse/tokens';

/** Something that must not take for ever. */
export interface Watched {
  /** Asked with each tick. May take itself and others off the list. */
  onTick(nowMs: number): void;
}

/** Ticks while anything is watched. */
export interface Sweeper {
  /** The time of the last tick or addition: up to one tick old, and costs nothing. Monotonic. */
  readonly nowMs: number;
  add(watched: Watched): void;
  remove(watched: Watched): void;
  /** Looks now, instead of waiting for the timer. */
  tick(): void;
}

const TICK_MS = 50;
/** After such a gap the process itself stood still: what arrived meanwhile is read first. */
const STALL_MS = 5 * TICK_MS;

/** Never goes back or jumps, as the time of day may. Only good for differences. */
const monotonicClock: Clock = Object.freeze({ nowMs: () => performance.now() });

/**
 * Time-outs are exact to 50 ms. After a stall of the process they are late by one more tick, so that
 * an answer that lies in the socket already is not taken for one that did not come.
 *
 * Keeps no process alive.
 */
export function createSweeper(clock: Clock = monotonicClock): Sweeper {
  const watched = new Set<Watched>();
  let timer: NodeJS.Timeout | undefined;
  let nowMs = clock.nowMs();
  const onTimer = (): void => {
    const before = nowMs;
    nowMs = clock.nowMs();
    if (watched.size === 0) {
      clearInterval(timer);
      timer = undefined;
    } else if (nowMs - before < STALL_MS) {
      look();
    }
  };
  const look = (): void => {
    for (const each of watched) each.onTick(nowMs);
  };
  return {
    get nowMs() {
      return nowMs;
    },
    add: (each) => {
      // A timer that runs keeps the time; what the first one sees would be old.
      if (timer === undefined) {
        nowMs = clock.nowMs();
        timer = setInterval(onTimer, TICK_MS).unref();
      }
      watched.add(each);
    },
    remove: (each) => {
      watched.delete(each);
    },
    tick: () => {
      nowMs = clock.nowMs();
      look();
    },
  };
}
