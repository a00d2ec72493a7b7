import { setTimeout as delay } from 'node:timers/promises';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { AttemptLimiter, TakenLimiter } from '../common/base.ts';
import { authErrors } from '../common/errors.ts';
import { limitedAddress } from '../common/limited-address.ts';

const WINDOW_SECONDS = 60;

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
 * Counts failed attempts at passwords, in this process's memory; several copies count apart.
 *
 * An account is never locked: whoever knows its name could else lock its owner out. From too many
 * addresses at once its log-in becomes slower, no more.
 */
export function createAttemptLimiter(limits: AttemptLimits = ATTEMPT_LIMITS): AttemptLimiter {
  const byAddress = new RateLimiterMemory({ points: limits.perAddress, duration: WINDOW_SECONDS });
  const byAccount = new RateLimiterMemory({ points: limits.perAccount, duration: WINDOW_SECONDS });
  const wait = limits.wait ?? delay;
  const pairKey = (account: string, address: string) => `${limitedAddress(address)} ${account}`;
  return {
    async take(account, address) {
      await consume(byAddress, pairKey(account, address));
      if (await isOver(byAccount, account)) await wait(limits.delayMs);
    },
    async giveBack(account, address) {
      await byAddress.reward(pairKey(account, address));
      await byAccount.reward(account);
    },
  };
}

const TAKEN_PER_MINUTE = 60;

/** Counts answers "taken" per address and minute, in this process's memory. Default: 60. */
export function createTakenLimiter(perMinute: number = TAKEN_PER_MINUTE): TakenLimiter {
  const limiter = new RateLimiterMemory({ points: perMinute, duration: WINDOW_SECONDS });
  return {
    take: (address) => consume(limiter, limitedAddress(address)),
    async giveBack(address) {
      await limiter.reward(limitedAddress(address));
    },
  };
}

/** Takes one use of something that costs us work, for an address. Throws auth.too_many_attempts. */
export type AddressLimiter = (address: string) => Promise<void>;

/** Counts uses per address and minute, in this process's memory. */
export function createAddressLimiter(perMinute: number): AddressLimiter {
  const limiter = new RateLimiterMemory({ points: perMinute, duration: WINDOW_SECONDS });
  return (address) => consume(limiter, limitedAddress(address));
}

async function consume(limiter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    const retryAfterSeconds = Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
    throw authErrors.TOO_MANY_ATTEMPTS({ retryAfterSeconds });
  }
}

async function isOver(limiter: RateLimiterMemory, key: string): Promise<boolean> {
  try {
    await limiter.consume(key);
    return false;
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return true;
    throw refusal;
  }
}
