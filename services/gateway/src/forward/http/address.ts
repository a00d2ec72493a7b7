/** Where one address of an upstream is reached, and what its calls say about it. */
import type { Endpoint } from '@gatehouse/balance';
import type { GatehouseError } from '@gatehouse/errors';
import type { Pool } from './pool.ts';
import type { AddressState } from './upstream-client.ts';

/** Statuses by which an upstream says that it is unavailable. */
const UNAVAILABLE: ReadonlySet<number> = new Set([502, 503, 504]);

/** One address. What is known of its health is its `Endpoint`'s. */
export interface Address {
  /** `host:port`, as states and logs show it. */
  readonly label: string;
  readonly pool: Pool;
  lastError: string | undefined;
}

/** It responded. That it is unavailable (502, 503, 504) counts as a failure. */
export function noteStatus(endpoint: Endpoint<Address>, status: number): void {
  if (UNAVAILABLE.has(status)) noteFailure(endpoint, `status ${status}`);
  else endpoint.note('good');
}

/** It gave no response, or not all of one. */
export function noteFault(endpoint: Endpoint<Address>, error: GatehouseError): void {
  noteFailure(endpoint, causeOf(error) ?? error.code);
}

export function stateOf(endpoint: Endpoint<Address>, nowMs: number): AddressState {
  const { label, pool, lastError } = endpoint.target;
  return {
    address: label,
    health: endpoint.health(nowMs),
    ejectedForMs: endpoint.ejectedForMs(nowMs),
    inFlight: endpoint.inFlight,
    waiting: pool.waiting,
    openConnections: pool.openConnections,
    idleConnections: pool.idleConnections,
    lastError,
  };
}

function noteFailure(endpoint: Endpoint<Address>, error: string): void {
  endpoint.target.lastError = error;
  endpoint.note('bad');
}

/** What the system said: `ECONNREFUSED`, `CERT_HAS_EXPIRED`, … */
function causeOf({ cause }: GatehouseError): string | undefined {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
