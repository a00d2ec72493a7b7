/** How many requests an address may make, whatever they are. */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { edgeErrors, Refused } from '../errors.ts';
import { limitKey } from '../receive/client-address.ts';

/** Headers that tell a client where it stands. */
export type QuotaHeaders = Readonly<Record<string, string>>;

/** Bounds the requests of an address. */
export interface RequestLimit {
  /**
   * Counts one request.
   *
   * @throws Refused 429 `gateway.too_many_requests` with the same headers.
   */
  take(address: string): Promise<QuotaHeaders>;
}

/** How much is allowed. */
export interface RequestLimitOptions {
  /** Requests in each second. */
  readonly perSecond: number;
  /** Requests above that, in each ten seconds. 0: none. */
  readonly burst: number;
}

const BURST_WINDOW_SECONDS = 10;

/**
 * Makes the limit. Counted per IPv4 address or IPv6 /64, in this process's memory: several gateways
 * allow several times as much. There is no store that could be away, so it fails neither open nor
 * closed; entries end with their window.
 *
 * Headers: `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers), policies
 * `second` and, once that is used up, `burst`.
 */
export function createRequestLimit({ perSecond, burst }: RequestLimitOptions): RequestLimit {
  const steady = new RateLimiterMemory({ points: perSecond, duration: 1 });
  const extra = new RateLimiterMemory({ points: burst, duration: BURST_WINDOW_SECONDS });
  const policy = `"second";q=${perSecond};w=1, "burst";q=${burst};w=${BURST_WINDOW_SECONDS}`;
  const headersOf = (name: string, { remainingPoints, msBeforeNext }: RateLimiterRes) => ({
    'ratelimit-policy': policy,
    ratelimit: `"${name}";r=${remainingPoints};t=${Math.ceil(msBeforeNext / 1000)}`,
  });
  return {
    take: async (address) => {
      const key = limitKey(address);
      const second = await taken(steady, key);
      if (second.allowed) return headersOf('second', second.state);
      const more = await taken(extra, key);
      if (more.allowed) return headersOf('burst', more.state);
      // The next second comes before the next burst.
      const retryAfterSeconds = second.state.msBeforeNext / 1000;
      const headers = headersOf('second', second.state);
      throw new Refused(edgeErrors.TOO_MANY_REQUESTS({ retryAfterSeconds }), headers);
    },
  };
}

async function taken(
  limiter: RateLimiterMemory,
  key: string,
): Promise<{ readonly allowed: boolean; readonly state: RateLimiterRes }> {
  try {
    return { allowed: true, state: await limiter.consume(key) };
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return { allowed: false, state: refusal };
    throw refusal;
  }
}
