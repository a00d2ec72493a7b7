import { setTimeout as delay } from 'node:timers/promises';
import { createProcessLimit, limitedAddress } from '@gatehouse/limits';
import { edgeErrors } from '../errors.ts';
import { plainAddress, type TrustedProxies, trustedProxies } from '../receive/client-address.ts';

/** Bounds how many tokens an address may get wrong. */
export interface FailureLimit {
  /** @throws GatehouseError `gateway.too_many_failures` (429) while the address is over its limit. */
  check(address: string): void;
  /** Whether it had no failure lately. */
  isClean(address: string): boolean;
  /** Counts one failure. Successes never count. */
  count(address: string): void;
  /**
   * Settled when an address over its limit is to be told so. At once where a trusted proxy stands between:
   * it speaks for others on the same connection.
   *
   * @param peerAddress - of the connection.
   * @returns whether the connection is the address's own, so that it may be closed.
   */
  turn(address: string, peerAddress: string): Promise<boolean>;
}

/** How a limit is set up. */
export interface FailureLimitOptions {
  /** Default 60. */
  readonly failures?: number;
  /** Default 60. */
  readonly windowSeconds?: number;
  /** Default: none. */
  readonly proxies?: TrustedProxies;
  /** Default: the monotonic clock. */
  readonly nowMs?: () => number;
  /** Default: a timer. */
  readonly wait?: (ms: number) => Promise<unknown>;
}

/** Refusals of one address are so far apart. */
const TURN_MS = 1000;
/** Those of all addresses come together so often: one by one, each would cost a turn of the loop. */
const BATCH_MS = 100;
/** And never later than this, however many wait. */
const LONGEST_WAIT_MS = 10_000;
const MAX_QUEUES = 10_000;

/**
 * Tokens that are not in the cache cost a signature check each, so those who send bad ones are
 * stopped before it. Counted in this process's memory, per IPv4 address or IPv6 /64, in windows that are
 * the same for all: around the end of one, an address may fail twice as often.
 *
 * To refuse costs something too, so an address over its limit is refused once a second, and its other
 * requests wait for their turn, up to ten seconds: thousands of tries a second cost next to nothing. Only
 * bad and unknown tokens wait, never one that is in the cache.
 */
export function createFailureLimit(options: FailureLimitOptions = {}): FailureLimit {
  const { failures = 60, windowSeconds = 60, proxies = trustedProxies([]) } = options;
  const nowMs = options.nowMs ?? (() => performance.now());
  const wait = options.wait ?? ((ms) => delay(ms, undefined, { ref: false }));
  const windowMs = windowSeconds * 1000;
  const countedAs = limitedAddress;
  const counts = createProcessLimit({ points: failures, windowMs, countedAs, nowMs });
  const lastTurns = new Map<string, number>();
  return {
    check: (address) => {
      const { allowed, leftMs } = counts.peek(address);
      if (!allowed) throw edgeErrors.TOO_MANY_FAILURES({ retryAfterSeconds: leftMs / 1000 });
    },
    isClean: (address) => counts.peek(address).left === failures - 1,
    count: (address) => {
      counts.take(address);
    },
    turn: async (address, peerAddress) => {
      if (proxies.isTrusted(plainAddress(peerAddress))) return false;
      const now = nowMs();
      const key = limitedAddress(address);
      const turn = Math.max(now, (lastTurns.get(key) ?? 0) + TURN_MS);
      const due = Math.min(turn, now + LONGEST_WAIT_MS);
      if (lastTurns.size >= MAX_QUEUES) lastTurns.clear();
      lastTurns.set(key, due);
      if (due > now) await wait(Math.ceil(due / BATCH_MS) * BATCH_MS - now);
      return true;
    },
  };
}
