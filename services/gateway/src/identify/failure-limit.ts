import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { edgeErrors } from '../errors.ts';
import { limitKey } from '../receive/client-address.ts';

/** Bounds how many tokens an address may get wrong. */
export interface FailureLimit {
  /** @throws GatehouseError `gateway.too_many_failures` (429) while the address is over its limit. */
  check(address: string): Promise<void>;
  /** Counts one failure. Successes never count. */
  count(address: string): Promise<void>;
}

/**
 * Tokens that are not in the cache cost a signature check each, so those who send bad ones are
 * stopped before it. Counted in this process's memory, per IPv4 address or IPv6 /64.
 *
 * @param options.failures - default 60.
 * @param options.windowSeconds - counted from the first failure; default 60.
 */
export function createFailureLimit(
  options: { readonly failures?: number; readonly windowSeconds?: number } = {},
): FailureLimit {
  const { failures = 60, windowSeconds = 60 } = options;
  const limiter = new RateLimiterMemory({ points: failures, duration: windowSeconds });
  return {
    check: async (address) => {
      const state = await limiter.get(limitKey(address));
      if (state === null || state.consumedPoints < failures) return;
      throw edgeErrors.TOO_MANY_FAILURES({ retryAfterSeconds: state.msBeforeNext / 1000 });
    },
    count: async (address) => {
      await limiter.consume(limitKey(address)).catch((refusal: unknown) => {
        // Over the limit is no error here: `check` says so to the next request.
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
      });
    },
  };
}
