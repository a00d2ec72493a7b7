/** How often passwords may be tried, and how often an address may ask for what costs work. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  type BucketLimit,
  createBucketLimit,
  createStoredLimit,
  type Limit,
  limitedAddress,
  limitedNetworks,
} from '@gatehouse/limits';
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
  /** Default: the monotonic clock. */
  readonly nowMs?: () => number;
}

/** Five a minute from one address; above fifty from everywhere each attempt takes a second longer. */
const ATTEMPT_LIMITS: AttemptLimits = { perAddress: 5, perAccount: 50, delayMs: 1000 };

/**
 * Counts failed attempts at passwords, in this process's memory; each replica counts on its own.
 *
 * An account is never locked: whoever knows its name could else lock its owner out. From too many
 * addresses at once its log-in becomes slower, no more. Over all accounts an address has 65 failures, and one
 * more each minute; an IPv6 /48 has four times as much.
 */
export function createAttemptLimiter(limits: AttemptLimits = ATTEMPT_LIMITS): AttemptLimiter {
  const byAddress = createStoredLimit({ points: limits.perAddress, windowMs: WINDOW_MS });
  const byAccount = createStoredLimit({ points: limits.perAccount, windowMs: WINDOW_MS });
  const wait = limits.wait ?? delay;
  const failures = createNetworkLimit({
    points: FAILURES,
    pointMs: FAILURE_MS,
    ...clockOf(limits),
  });
  const pairKey = (account: string, address: string) => `${limitedAddress(address)} ${account}`;
  return {
    async take(account, address) {
      failures.take(address);
      try {
        await consume(byAddress, pairKey(account, address));
      } catch (error) {
        // Nothing was tried.
        failures.giveBack(address);
        throw error;
      }
      if (!(await byAccount.take(account)).allowed) await wait(limits.delayMs);
    },
    async giveBack(account, address) {
      failures.giveBack(address);
      await byAddress.giveBack(pairKey(account, address));
      await byAccount.giveBack(account);
    },
  };
}

/** A limit by networks. */
interface NetworkLimit {
  /** @throws auth.too_many_attempts with the seconds to wait. */
  take(address: string): void;
  giveBack(address: string): void;
}

interface NetworkLimitOptions {
  readonly points: number;
  readonly pointMs: number;
  readonly nowMs?: () => number;
}

/** A school behind one address: 300 people in an hour, one in five of whom mistypes. */
const FAILURES = 65;
const FAILURE_MS = 60_000;
/** A school that signs up, and then five a minute. */
const SIGN_UPS = 300;
const SIGN_UP_MS = 12_000;
/** A /48 has many households. */
const WIDER = 4;

function clockOf({ nowMs }: { readonly nowMs?: () => number }) {
  return nowMs === undefined ? {} : { nowMs };
}

/** Counts by IPv4 address or IPv6 /64, and with four times as much by IPv6 /48. */
function createNetworkLimit({ points, pointMs, ...clock }: NetworkLimitOptions): NetworkLimit {
  const narrow = createBucketLimit({ points, pointMs, ...clock });
  const wide = createBucketLimit({ points: points * WIDER, pointMs: pointMs / WIDER, ...clock });
  const bucketsOf = (address: string): readonly (readonly [BucketLimit, string])[] => {
    const [own, wider] = limitedNetworks(address);
    return wider === undefined
      ? [[narrow, own]]
      : [
          [narrow, own],
          [wide, wider],
        ];
  };
  return {
    take: (address) => {
      const buckets = bucketsOf(address);
      const waits = buckets.flatMap(([limit, key]) => {
        const { allowed, leftMs } = limit.peek(key);
        return allowed ? [] : [leftMs];
      });
      if (waits.length > 0) throw tooMany(Math.max(...waits));
      for (const [limit, key] of buckets) limit.take(key);
    },
    giveBack: (address) => {
      for (const [limit, key] of bucketsOf(address)) limit.giveBack(key);
    },
  };
}

/** Bounds how many accounts an address begins. What did not begin one is given back. */
export type SignUpLimiter = NetworkLimit;

/** 300 sign-ups, and one more each 12 seconds, in this process's memory; an IPv6 /48: four times as much. */
export function createSignUpLimiter(
  options: { readonly nowMs?: () => number } = {},
): SignUpLimiter {
  return createNetworkLimit({ points: SIGN_UPS, pointMs: SIGN_UP_MS, ...clockOf(options) });
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
  if (!allowed) throw tooMany(leftMs);
}

function tooMany(leftMs: number) {
  const retryAfterSeconds = Math.max(1, Math.ceil(leftMs / 1000));
  return authErrors.TOO_MANY_ATTEMPTS({ retryAfterSeconds });
}
