/**
 * The seam between the wire and the way of a request. The `node:http` path stands on one side; a
 * faster one can stand there later, and is tested against this.
 */
import type { GatehouseError } from '@gatehouse/errors';

/** One request as it was framed, not yet judged. */
export interface Incoming {
  readonly method: string;
  /** The request target as it was sent, byte for byte. */
  readonly target: string;
  /** `1.1`, `1.0`, or what a client made up. */
  readonly httpVersion: string;
  /** Names and values in turn, in order, names as sent. Repeated headers are not joined. */
  readonly rawHeaders: readonly string[];
  /** The TCP peer's address. */
  readonly peerAddress: string;
  /** Aborted when the client went away before its answer was complete. */
  readonly signal: AbortSignal;
  /**
   * The body, read to its end. To be called once.
   *
   * @param limitBytes - more is refused with `gateway.body_too_large`.
   * @throws GatehouseError `gateway.body_too_large`, `gateway.body_incomplete`.
   */
  readBody(limitBytes: number): Promise<Uint8Array>;
}

/** What goes back to the client. */
export interface Answer {
  readonly status: number;
  /** Lower-case names. `content-length` is set by the receiver. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/**
 * What is answered to bytes that are no request: no head could be read, so there is nothing to
 * route.
 */
export type WireFaultHandler = (error: GatehouseError, peerAddress: string) => Answer;

/** The way of a request. Never rejects: a failure is an answer too. */
export type Handler = (incoming: Incoming) => Promise<Answer>;

/** One way of listening. */
export interface Receiver {
  /**
   * @returns the port that it listens at.
   * @throws Error when the port is taken (`EADDRINUSE`).
   */
  start(): Promise<number>;
  /** Stops accepting, lets what is in flight finish for `graceMs` at most, closes the rest. */
  stop(graceMs: number): Promise<void>;
}
