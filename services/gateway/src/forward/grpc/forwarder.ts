/**
 * The seam between the edge and what stands behind it. gRPC upstreams stand on the other side now;
 * HTTP ones can stand there later.
 */
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
