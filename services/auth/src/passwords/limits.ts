/** How often passwords may be tried, and how often an address may ask for what costs work. */
import { setTimeout as delay } from 'node:timers/promises';
import { createStoredLimit, type Limit, limitedAddress } from '@gatehouse/limits';
import { authErrors } from '../common/errors.ts';

const WINDOW_MS = 60_000;

/** Counts failed attempts at passwords. */
export interface AttemptLimiter {
  /**
   * Takes one attempt, before anything is verified; waits a little when the account as a whole has
   * too many.
   *
   * @throws auth.too_many_attempts with the seconds to wait.
   */
  take(account: string, address: string): Promise<void>;
  /** Gives the attempt back, after a success. */
  giveBack(account: string, address: string): Promise<void>;
}

export interface AttemptLimits {
  /** Failed attempts a minute for one account from one address. */
  readonly perAddress: number;
  /** Attempts a minute for one account from everywhere, above which each one waits. */
  readonly perAccount: number;
  /** How long it waits then. */
  readonly delayMs: number;
  /** Default: the system's timer. */
  readonly wait?: (ms: number) => Promise<unknown>;
}

/** Five a minute from one address; above fifty from everywhere each attempt takes a second longer. */
const ATTEMPT_LIMITS: AttemptLimits = { perAddress: 5, perAccount: 50, delayMs: 1000 };

/**
 * Counts failed attempts at passwords, in this process's memory; each replica counts on its own.
 *
 * An account is never locked: whoever knows its name could else lock its owner out. From too many
 * addresses at once its log-in becomes slower, no more.
 */
export function createAttemptLimiter(limits: AttemptLimits = ATTEMPT_LIMITS): AttemptLimiter {
  const byAddress = createStoredLimit({ points: limits.perAddress, windowMs: WINDOW_MS });
  const byAccount = createStoredLimit({ points: limits.perAccount, windowMs: WINDOW_MS });
  const wait = limits.wait ?? delay;
  const pairKey = (account: string, address: string) => `${limitedAddress(address)} ${account}`;
  return {
    async take(account, address) {
      await consume(byAddress, pairKey(account, address));
      if (!(await byAccount.take(account)).allowed) await wait(limits.delayMs);
    },
    async giveBack(account, address) {
      await byAddress.giveBack(pairKey(account, address));
      await byAccount.giveBack(account);
    },
  };
}

/**
 * Bounds how often an address may be told that an e-mail is taken: who asks for many wants to know
 * who has an account.
 */
export interface TakenLimiter {
  /** Takes one response, before it is known. @throws auth.too_many_attempts with the seconds to wait. */
  take(address: string): Promise<void>;
  /** Gives it back: the response was another one. */
  giveBack(address: string): Promise<void>;
}

const TAKEN_PER_MINUTE = 60;

/** Counts responses "taken" per address and minute, in this process's memory. Default: 60. */
export function createTakenLimiter(perMinute: number = TAKEN_PER_MINUTE): TakenLimiter {
  const limit = createStoredLimit({ points: perMinute, windowMs: WINDOW_MS });
  return {
    take: (address) => consume(limit, limitedAddress(address)),
    giveBack: async (address) => limit.giveBack(limitedAddress(address)),
  };
}

/** Takes one use of something that costs us work, for an address. Throws auth.too_many_attempts. */
export type AddressLimiter = (address: string) => Promise<void>;

/** Counts uses per address and minute, in this process's memory. */
export function createAddressLimiter(perMinute: number): AddressLimiter {
  const limit = createStoredLimit({ points: perMinute, windowMs: WINDOW_MS });
  return (address) => consume(limit, limitedAddress(address));
}

async function consume(limit: Limit, key: string): Promise<void> {
  const { allowed, leftMs } = await limit.take(key);
  if (allowed) return;
  const retryAfterSeconds = Math.max(1, Math.ceil(leftMs / 1000));
  throw authErrors.TOO_MANY_ATTEMPTS({ retryAfterSeconds });
}
