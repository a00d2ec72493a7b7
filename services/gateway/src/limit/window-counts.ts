import { limitKey } from '../receive/client-address.ts';

/** What is left to an address in the window that runs. */
export interface WindowState {
  readonly allowed: boolean;
  readonly left: number;
  /** Until the window ends, and all of it is there again. */
  readonly leftMs: number;
}

/** Counts what addresses do in windows of time. */
export interface WindowCounts {
  /** Counts one, whether or not it is allowed. */
  take(address: string): WindowState;
  /** What one more would be told. Counts nothing. */
  peek(address: string): WindowState;
}

interface Count {
  taken: number;
}

/**
 * Fixed windows, the same for all: each begins with the first that is counted after the last one
 * ended. At its end all counts go at once, so memory holds the addresses of one window, and nothing
 * is scanned. Counted per IPv4 address or IPv6 /64. An address may have up to twice as much around
 * the end of a window.
 *
 * @param nowMs - default: the monotonic clock.
 */
export function createWindowCounts(
  { points, windowMs }: { readonly points: number; readonly windowMs: number },
  nowMs: () => number = () => performance.now(),
): WindowCounts {
  // By address beside by key, since to find the key of an address takes longer than all else here.
  let byAddress = new Map<string, Count>();
  let byKey = new Map<string, Count>();
  let beganMs = Number.NEGATIVE_INFINITY;
  const countOf = (address: string): Count => {
    const key = limitKey(address);
    const count = byKey.get(key) ?? { taken: 0 };
    byKey.set(key, count);
    byAddress.set(address, count);
    return count;
  };
  const begin = (now: number): void => {
    if (now - beganMs < windowMs) return;
    byAddress = new Map();
    byKey = new Map();
    beganMs = now;
  };
  const stateOf = (taken: number, now: number): WindowState => ({
    allowed: taken <= points,
    left: Math.max(0, points - taken),
    // In this order it is never above the window, however the clock's fractions round.
    leftMs: windowMs - (now - beganMs),
  });
  return {
    take: (address) => {
      const now = nowMs();
      begin(now);
      const count = byAddress.get(address) ?? countOf(address);
      count.taken += 1;
      return stateOf(count.taken, now);
    },
    peek: (address) => {
      const now = nowMs();
      begin(now);
      const count = byAddress.get(address) ?? byKey.get(limitKey(address));
      return stateOf((count?.taken ?? 0) + 1, now);
    },
  };
}
