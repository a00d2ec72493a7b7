import { edgeErrors } from '../errors.ts';
import { createWindowCounts } from '../limit/window-counts.ts';

/** Bounds how many tokens an address may get wrong. */
export interface FailureLimit {
  /** @throws GatehouseError `gateway.too_many_failures` (429) while the address is over its limit. */
  check(address: string): void;
  /** Counts one failure. Successes never count. */
  count(address: string): void;
}

/**
 * Tokens that are not in the cache cost a signature check each, so those who send bad ones are
 * stopped before it. Counted in this process's memory, per IPv4 address or IPv6 /64, in windows that are
 * the same for all: around the end of one, an address may fail twice as often.
 *
 * @param options.failures - default 60.
 * @param options.windowSeconds - default 60.
 */
export function createFailureLimit(
  options: { readonly failures?: number; readonly windowSeconds?: number } = {},
): FailureLimit {
  const { failures = 60, windowSeconds = 60 } = options;
  const counts = createWindowCounts({ points: failures, windowMs: windowSeconds * 1000 });
  return {
    check: (address) => {
      const { allowed, leftMs } = counts.peek(address);
      if (!allowed) throw edgeErrors.TOO_MANY_FAILURES({ retryAfterSeconds: leftMs / 1000 });
    },
    count: (address) => {
      counts.take(address);
    },
  };
}
