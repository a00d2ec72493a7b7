/** Why an attempt gave no response, and what that allows. */
import type { GatehouseError } from '@gatehouse/errors';
import { upstreamErrors } from './errors.ts';

/**
 * How far an attempt came.
 *
 * - `refused`: no connection; not a byte was sent.
 * - `busy`: all connections were in use for too long, or too many requests wait already.
 * - `stale`: a connection that had served before was closed before a byte of a response came.
 * - `lost`: the connection broke, or nothing came in time, before the head.
 * - `bad`: what came is no valid response.
 * - `cut`: the response was cut after its head.
 * - `client`: the request could not be sent as it is; the upstream is not to blame.
 */
export type FaultKind = 'refused' | 'busy' | 'stale' | 'lost' | 'bad' | 'cut' | 'client';

/** One attempt that failed. */
export interface Fault {
  readonly kind: FaultKind;
  /** What the handler is told when it is not repeated. */
  readonly error: GatehouseError;
  /** For `stale`: not a byte of the request was written. */
  readonly unsent?: boolean;
}

/** No connection is available. */
export function busy(): Fault {
  return { kind: 'busy', error: upstreamErrors.UPSTREAM_BUSY({ retryAfterSeconds: 1 }) };
}
