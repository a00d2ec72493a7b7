/** How many requests an address may make, whatever they are. */
import { createProcessLimit, type LimitState, limitedAddress } from '@gatehouse/limits';
import { edgeErrors, Refused } from '../errors.ts';

/** Headers that tell a client where it stands. */
export type QuotaHeaders = Readonly<Record<string, string>>;

/** Bounds the requests of an address. */
export interface RequestLimit {
  /**
   * Counts one request.
   *
   * @throws Refused 429 `gateway.too_many_requests` with the same headers.
   */
  take(address: string): QuotaHeaders;
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
 * allow several times as much. There is no store that could be unreachable, so it fails neither open nor
 * closed; entries end with their window.
 *
 * Headers: `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers), policies
 * `second` and, once that is used up, `burst`.
 */
export function createRequestLimit({ perSecond, burst }: RequestLimitOptions): RequestLimit {
  const countedAs = limitedAddress;
  const steady = createProcessLimit({ points: perSecond, windowMs: 1000, countedAs });
  const windowMs = BURST_WINDOW_SECONDS * 1000;
  const extra = createProcessLimit({ points: burst, windowMs, countedAs });
  const policy = `"second";q=${perSecond};w=1, "burst";q=${burst};w=${BURST_WINDOW_SECONDS}`;
  const headersOf = (name: string, { left, leftMs }: LimitState) => ({
    'ratelimit-policy': policy,
    ratelimit: `"${name}";r=${left};t=${Math.ceil(leftMs / 1000)}`,
  });
  return {
    take: (address) => {
      const second = steady.take(address);
      if (second.allowed) return headersOf('second', second);
      const more = extra.take(address);
      if (more.allowed) return headersOf('burst', more);
      // The next second comes before the next burst.
      const retryAfterSeconds = second.leftMs / 1000;
      const headers = headersOf('second', second);
      throw new Refused(edgeErrors.TOO_MANY_REQUESTS({ retryAfterSeconds }), headers);
    },
  };
}
