/**
 * The key that passports are signed with: made here, in memory, and good only while auth leases it.
 * Another one takes its place once a day, and at once when it is revoked.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { GatehouseError } from '@gatehouse/errors';
import { backOffMs } from '@gatehouse/runtime';
import type { Signer } from '@gatehouse/tokens';
import { LeasedKey, type RegistrationOptions } from './leased-key.ts';

/** What happens to the lease, for logs. */
export type PassportKeyEvent =
  | { readonly kind: 'registered'; readonly kid: string; readonly leaseExpiresAtMs: number }
  | { readonly kind: 'replaced'; readonly kid: string; readonly by: string }
  | { readonly kind: 'revoked'; readonly kid: string }
  | { readonly kind: 'failed'; readonly cause: unknown; readonly retryInMs: number };

/** How the key is registered and changed. */
export interface PassportKeyOptions extends RegistrationOptions {
  /** Age at which another key takes its place; 0: never. Default a day. */
  readonly rotateAfterMs?: number;
  /**
   * How long the next key is registered before it signs. Default 330 s: longer than a service that
   * has no revocation feed waits until it fetches the key set again.
   */
  readonly rotationSettleMs?: number;
  readonly onEvent?: (event: PassportKeyEvent) => void;
  /** Waits, unless the signal ends it (then it rejects). Default: the system's timer. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** A passport key and its lease. */
export interface PassportKey {
  /** The key, while passports signed with it are accepted; undefined: do not sign. */
  signer(): Signer | undefined;
  /** Begins to register and to renew; returns at once. */
  start(): void;
  /** Uses a key no more, if it is one of these, and makes another. */
  revoke(kid: string): void;
  /** Stops renewing. The leases end by themselves. */
  close(): Promise<void>;
}

const ROTATE_AFTER_MS = 24 * 3600_000;
const ROTATION_SETTLE_MS = 330_000;
/** While there is no other key: until the verifiers have received the new one. */
const SETTLE_MS = 1000;
const BACK_OFF = { firstMs: 200, maxMs: 5000 };
/** What auth says of a key that it will never lease again. */
const REVOKED = 'auth.key_revoked';

/** Makes a key; nobody else ever has its private half. */
export function createPassportKey(options: PassportKeyOptions): PassportKey {
  const { clock, rotateAfterMs = ROTATE_AFTER_MS } = options;
  const { rotationSettleMs = ROTATION_SETTLE_MS } = options;
  const wait = options.wait ?? ((ms, signal) => delay(ms, undefined, { signal }));
  const tell = (event: PassportKeyEvent) => options.onEvent?.(event);
  const closing = new AbortController();
  let running: Promise<void> | undefined;
  let current = new LeasedKey(options, SETTLE_MS);
  let next: LeasedKey | undefined;
  // While it rests until the next heartbeat: ends the rest.
  let rest = new AbortController();
  let mayRenewEarly = false;

  const registerOne = async (key: LeasedKey): Promise<number> => {
    const { leaseExpiresAtMs, heartbeatMs } = await key.register().catch((thrown: unknown) => {
      if (thrown instanceof GatehouseError && thrown.code === REVOKED) revoke(key.kid);
      throw thrown;
    });
    tell({ kind: 'registered', kid: key.kid, leaseExpiresAtMs });
    return heartbeatMs;
  };

  const registerAll = async (): Promise<number> => {
    const isDue = rotateAfterMs > 0 && clock.nowMs() - current.madeAtMs >= rotateAfterMs;
    if (isDue && current.signer() !== undefined) next ??= new LeasedKey(options, rotationSettleMs);
    const heartbeatMs = await registerOne(current);
    if (next !== undefined) await registerOne(next);
    // So that a rotation is not late by a heartbeat.
    const turnsInMs = rotateAfterMs > 0 ? untilDueMs(next ?? current) : heartbeatMs;
    return Math.min(heartbeatMs, Math.max(SETTLE_MS, turnsInMs));
  };

  const untilDueMs = ({ madeAtMs }: LeasedKey): number => madeAtMs + rotateAfterMs - clock.nowMs();

  /** The next key signs from the moment at which it may; the lease of the one before runs out. */
  const takeTurns = (): void => {
    if (next?.signer() === undefined) return;
    tell({ kind: 'replaced', kid: current.kid, by: next.kid });
    current = next;
    next = undefined;
  };

  const revoke = (kid: string): void => {
    if (next?.kid === kid) next = undefined;
    else if (current.kid === kid) {
      current = next ?? new LeasedKey(options, SETTLE_MS);
      current.hurry(SETTLE_MS);
      next = undefined;
    } else return;
    tell({ kind: 'revoked', kid });
    rest.abort();
  };

  const run = async (): Promise<void> => {
    let failures = 0;
    while (!closing.signal.aborted) {
      rest = new AbortController();
      const waitMs = await registerAll().then(
        (heartbeatMs) => {
          failures = 0;
          return heartbeatMs;
        },
        (cause: unknown) => {
          failures += 1;
          const retryInMs = Math.round(backOffMs(failures, BACK_OFF));
          tell({ kind: 'failed', cause, retryInMs });
          return retryInMs;
        },
      );
      // Not for a lease that is over when it comes: then the clocks differ, and haste would not help.
      mayRenewEarly = failures === 0 && current.isLeased;
      // Rejects when it is closed or woken meanwhile; the loop's condition says which.
      await wait(waitMs, AbortSignal.any([closing.signal, rest.signal])).catch(() => undefined);
      mayRenewEarly = false;
    }
  };

  return {
    signer: () => {
      takeTurns();
      // A machine that slept: its timers stood still, the lease did not.
      if (mayRenewEarly && !current.isLeased) rest.abort();
      return current.signer();
    },
    start: () => {
      running ??= run();
    },
    revoke,
    close: async () => {
      closing.abort();
      await running;
    },
  };
}
