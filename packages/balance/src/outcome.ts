/** What a failed call says about its endpoint, and whether another endpoint may get the call. */
import { type ErrorKind, GatehouseError } from '@gatehouse/errors';

/**
 * How a call went, as far as its endpoint is to blame: `good` (it responded, be it with an error), `bad`
 * (lost, too late, or unavailable), `open` (the caller went away, or the call never reached the endpoint).
 */
export type Outcome = 'good' | 'bad' | 'open';

const ENDPOINT_FAILED: ReadonlySet<ErrorKind> = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED']);
/** The response of a replica that has no keys of auth yet, before it looked at anything else. */
const NO_KEYS_YET = 'access.passport_unchecked';

/** Tells the outcome of a call that threw. What is not a GatehouseError says nothing: `open`. */
export function outcomeOf(thrown: unknown): Outcome {
  if (!(thrown instanceof GatehouseError) || thrown.kind === 'CANCELLED') return 'open';
  return ENDPOINT_FAILED.has(thrown.kind) ? 'bad' : 'good';
}

/**
 * Tells whether a call that failed may be retried at another endpoint: `always` when nothing was done
 * (the replica has no keys yet), `if safe` when something may have been (lost, or unavailable), `never`
 * when the response would be the same elsewhere, and when the time is over.
 */
export function mayRetryElsewhere(thrown: unknown): 'always' | 'if safe' | 'never' {
  if (!(thrown instanceof GatehouseError) || thrown.kind !== 'UNAVAILABLE') return 'never';
  return thrown.code === NO_KEYS_YET ? 'always' : 'if safe';
}
