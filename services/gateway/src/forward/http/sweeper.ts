/** Time-outs of many things by one timer, so that none is set or moved for a request or a chunk. */
import type { Clock } from '@gatehouse/tokens';

/** Something that must not take for ever. */
export interface Watched {
  /** For the sweeper; -1 when it is not watched. */
  watchedAt: number;
  /** Asked with each tick. May take itself and others off the list. */
  onTick(nowMs: number): void;
}

/** Ticks while anything is watched. */
export interface Sweeper {
  /** The time of the last tick or addition: up to one tick old, and costs nothing. Monotonic. */
  readonly nowMs: number;
  add(watched: Watched): void;
  /** Also of one that is not watched. */
  remove(watched: Watched): void;
  /** All that is watched now. */
  all(): readonly Watched[];
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
 * a response that lies in the socket already is not taken for one that did not come.
 *
 * Keeps no process alive.
 */
export function createSweeper(clock: Clock = monotonicClock): Sweeper {
  // Not a Set: its outgrown tables, once old, would keep each next one alive, and what was in them.
  const watched: Watched[] = [];
  let timer: NodeJS.Timeout | undefined;
  let nowMs = clock.nowMs();
  const onTimer = (): void => {
    const before = nowMs;
    nowMs = clock.nowMs();
    if (watched.length === 0) {
      clearInterval(timer);
      timer = undefined;
    } else if (nowMs - before < STALL_MS) {
      look();
    }
  };
  const look = (): void => {
    // From the end, since what is removed is replaced by the last.
    for (let at = watched.length - 1; at >= 0; at -= 1) watched[at]?.onTick(nowMs);
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
      if (each.watchedAt >= 0) return;
      each.watchedAt = watched.length;
      watched.push(each);
    },
    remove: (each) => {
      const at = each.watchedAt;
      if (at < 0) return;
      each.watchedAt = -1;
      const last = watched.pop() as Watched;
      if (last === each) return;
      watched[at] = last;
      last.watchedAt = at;
    },
    all: () => [...watched],
    tick: () => {
      nowMs = clock.nowMs();
      look();
    },
  };
}
