/**
 * The seam between the wire and the pipeline: the parser of our own (HTTP/1) and `node:http2` stand on one
 * side, the stages of a request on the other.
 */
import type { Duplex } from 'node:stream';
import type { GatehouseError } from '@gatehouse/errors';
import type { BodySource } from '@gatehouse/wire';

/** One request as it was framed, not yet judged. */
export interface Incoming {
  readonly method: string;
  /** The request target as it was sent, byte for byte. */
  readonly target: string;
  /** `2.0`, `1.1`, `1.0`, or what a client made up. */
  readonly httpVersion: string;
  /** Names and values in turn, in order, names as sent. Repeated headers are not joined. */
  readonly rawHeaders: readonly string[];
  /** The TCP peer's address. */
  readonly peerAddress: string;
  /** Where the client came in: whether over TLS, and at which port. */
  readonly secure: boolean;
  readonly localPort: number;
  /** The bare socket of a request to upgrade; see {@link Outgoing.upgrade}. */
  readonly upgrading: boolean;
  /** Aborted when the client went away before its response was complete. */
  readonly signal: AbortSignal;
  /**
   * The body, read to its end. To be called once.
   *
   * @param limitBytes - more is refused with `gateway.body_too_large`.
   * @throws GatehouseError `gateway.body_too_large`, `gateway.body_incomplete`.
   */
  readBody(limitBytes: number): Promise<Uint8Array>;
  /** Whether a body follows, announced in headers or, as HTTP/2 can, in no header at all. */
  readonly hasBody: boolean;
  /** The body as it comes, for who passes it on; instead of {@link Incoming.readBody}. */
  readonly body: BodySource;
  /** What came after the body's end; names and values in turn. */
  trailers(): readonly string[];
}

/** What goes back to the client. */
export interface EdgeResponse {
  readonly status: number;
  /**
   * Lower-case names. `content-length` is set by the receiver. `connection: close`: nothing more is taken
   * on the connection; over HTTP/2, no new stream.
   */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/**
 * What is answered to bytes that are no request: no head could be read, so there is nothing to
 * route.
 */
export type WireFaultHandler = (error: GatehouseError, peerAddress: string) => EdgeResponse;

/** Who is told how it goes with an exchange. */
export interface OutgoingListener {
  /** After `write` returned false. */
  onDrain(): void;
  /** Called once, when the exchange is over; false: before its response was complete. */
  onClosed(finished: boolean): void;
}

/** The way back to the client, for responses that are passed on as they come. */
export interface Outgoing {
  /** A response that is whole. Only while no head was sent. */
  respond(response: EdgeResponse): void;
  /** 100, 102, 103. Nothing is sent to a client that does not know them. */
  informational(status: number, headers: readonly string[]): void;
  /**
   * The head of a response that follows in parts.
   *
   * @param headers - names and values in turn, without framing and hop-by-hop.
   * @param lengthBytes - of the body; undefined: not known, so it is framed by its end.
   */
  head(status: number, headers: string[], lengthBytes: number | undefined): void;
  /**
   * @param chunk - the caller's again when the call returns.
   * @returns false: no more until the listener's `onDrain`.
   */
  write(chunk: Uint8Array): boolean;
  /** @param trailers - left out where the framing has no place for them. */
  end(trailers: readonly string[]): void;
  /** Breaks the exchange off in a way that no client takes for the response's end. */
  abort(): void;
  /** Answers 101 and gives the connection away, with what the client had sent behind its head. */
  upgrade(headers: readonly string[]): { readonly socket: Duplex; readonly head: Buffer };
  /** How long nothing may move, instead of 60 s. */
  stallAfter(ms: number): void;
  /** An object, and no functions that are set one by one: those make the collector keep garbage. */
  listener: OutgoingListener | undefined;
}

/** What a handler returns that answers by {@link Outgoing}, now or later. */
export const TAKEN = Symbol('taken');

/** The way of a request. Never rejects: a failure is a response too. */
export type Handler = (
  incoming: Incoming,
  outgoing: Outgoing,
) => Promise<EdgeResponse> | typeof TAKEN;

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
