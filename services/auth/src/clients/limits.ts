import { RateLimiterMemory } from 'rate-limiter-flexible';
import { limitedAddress } from '../common/limited-address.ts';
import { oauthErrors } from '../oauth/errors.ts';
import type { GuessLimiter } from './authenticate.ts';

const WINDOW_SECONDS = 60;

export interface GuessLimits {
  /** Failures a minute for one client from one address. */
  readonly perClientAndAddress: number;
  /** Failures a minute from one address, whichever client. */
  readonly perAddress: number;
}

const GUESS_LIMITS: GuessLimits = { perClientAndAddress: 10, perAddress: 100 };

/**
 * Counts failures in this process's memory; several copies count apart.
 *
 * Only failures count, so that a client may ask for tokens as often as it likes. Many guesses at the
 * very same moment may pass before the first is counted: there are 2^256 secrets to try.
 */
export function createGuessLimiter(limits: GuessLimits = GUESS_LIMITS): GuessLimiter {
  const duration = WINDOW_SECONDS;
  const pairs = new RateLimiterMemory({ points: limits.perClientAndAddress, duration });
  const addresses = new RateLimiterMemory({ points: limits.perAddress, duration });
  const keysOf = (clientId: string, address: string) => {
    const limited = limitedAddress(address);
    return { limited, pair: `${limited} ${clientId}` };
  };
  return {
    async check(clientId, address) {
      const { pair, limited } = keysOf(clientId, address);
      await assertBelow(pairs, pair);
      await assertBelow(addresses, limited);
    },
    async failed(clientId, address) {
      const { pair, limited } = keysOf(clientId, address);
      await pairs.penalty(pair);
      await addresses.penalty(limited);
    },
  };
}

async function assertBelow(limiter: RateLimiterMemory, key: string): Promise<void> {
  const state = await limiter.get(key);
  if (state === null || state.consumedPoints < limiter.points) return;
  const retryAfterSeconds = Math.max(1, Math.ceil(state.msBeforeNext / 1000));
  throw oauthErrors.TEMPORARILY_UNAVAILABLE({ retryAfterSeconds });
}
