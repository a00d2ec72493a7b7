/** How services of contracts are called. */
import type { MethodContract } from '@gatehouse/contracts';

/** One call to a service. Nothing of the client's own headers is part of it. */
export interface ForwardedCall {
  readonly method: MethodContract;
  /** The request message in binary form. */
  readonly message: Uint8Array;
  /** The compact passport that the service will check. */
  readonly passport: string;
  /** Aborted when the client went away. */
  readonly signal: AbortSignal;
  /** By lower-case name, checked: what stages of a team's own set. */
  readonly metadata?: ReadonlyMap<string, string>;
}

/** Calls services. */
export interface Forwarder {
  /**
   * @returns the response message in binary form.
   * @throws GatehouseError what the service answered; `gateway.upstream_away`,
   * `gateway.upstream_answer`, `common.deadline`, `common.cancelled`.
   */
  forward(call: ForwardedCall): Promise<Uint8Array>;
  close(): Promise<void>;
}
