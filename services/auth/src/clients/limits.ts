/** How often a client's secret may be guessed. */
import { createStoredLimit, type Limit, limitedAddress } from '@gatehouse/limits';
import { oauthErrors } from '../oauth/errors.ts';

const WINDOW_MS = 60_000;

/**
 * Bounds guessing. A failure counts for the client at that address, and for the address; never for the
 * client alone, whom anybody could else lock out.
 */
export interface GuessLimiter {
  /** @throws oauth.temporarily_unavailable with the seconds to wait. */
  check(clientId: string, address: string): Promise<void>;
  failed(clientId: string, address: string): Promise<void>;
}

export interface GuessLimits {
  /** Failures a minute for one client from one address. */
  readonly perClientAndAddress: number;
  /** Failures a minute from one address, whichever client. */
  readonly perAddress: number;
}

const GUESS_LIMITS: GuessLimits = { perClientAndAddress: 10, perAddress: 100 };

/**
 * Counts failures in this process's memory; each replica counts on its own.
 *
 * Only failures count, so that a client may ask for tokens as often as it likes. Many guesses at the
 * very same moment may pass before the first is counted: there are 2^256 secrets to try.
 */
export function createGuessLimiter(limits: GuessLimits = GUESS_LIMITS): GuessLimiter {
  const pairs = createStoredLimit({ points: limits.perClientAndAddress, windowMs: WINDOW_MS });
  const addresses = createStoredLimit({ points: limits.perAddress, windowMs: WINDOW_MS });
  const keysOf = (clientId: string, address: string) => {
    const limited = limitedAddress(address);
    return { limited, pair: `${limited} ${clientId}` };
  };
  return {
    async check(clientId, address) {
      const { pair, limited } = keysOf(clientId, address);
      await assertAllowed(pairs, pair);
      await assertAllowed(addresses, limited);
    },
    async failed(clientId, address) {
      const { pair, limited } = keysOf(clientId, address);
      await pairs.take(pair);
      await addresses.take(limited);
    },
  };
}

async function assertAllowed(limit: Limit, key: string): Promise<void> {
  const { allowed, leftMs } = await limit.peek(key);
  if (allowed) return;
  const retryAfterSeconds = Math.max(1, Math.ceil(leftMs / 1000));
  throw oauthErrors.TEMPORARILY_UNAVAILABLE({ retryAfterSeconds });
}
