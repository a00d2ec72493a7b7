/**
 * The seam between the edge and plain HTTP upstreams: a request with a streamed body goes in, and
 * its response comes back piece by piece. Behind it stand the pools of connections, which address is
 * asked, and when a request is repeated.
 */
import type { Duplex } from 'node:stream';
import type { GatehouseError } from '@gatehouse/errors';
import type { BodySource, RequestParts } from '@gatehouse/wire';
import type { HttpTimeouts, UpstreamSettings } from '../../route/http-route.ts';

/** One request, as it is to arrive at the upstream; its target is canonical and rewritten. */
export interface UpstreamRequest extends RequestParts {
  readonly body: UpstreamBody | undefined;
  /** Asked when a body of unknown length has ended: names and values in turn. */
  readonly trailers?: () => readonly string[];
  readonly timeouts: HttpTimeouts;
  /** Repeats of a safe request after the first try, within the upstream's budget. */
  readonly retries: number;
}

/** A body that is read as fast as the upstream takes it. */
export interface UpstreamBody {
  readonly source: BodySource;
  /** Bytes; undefined: sent in chunks. A source that ends elsewhere breaks the request off. */
  readonly length: number | undefined;
}

/**
 * What becomes of a request. Called in this order; nothing comes after `onEnd`, `onUpgrade` and
 * `onError`, nor after `abort()`. None of them may throw.
 */
export interface UpstreamHandler {
  /** 100, 102, 103. Headers as in `onHead`. */
  onInformational(status: number, headers: readonly string[]): void;
  /**
   * @param headers - names as the upstream wrote them, and values in Latin-1; hop-by-hop headers,
   * those that `Connection` named, and framing are taken out.
   * @param bodyLength - as announced; undefined: unknown. For HEAD and 304 it says what the body
   * would have been, and none follows; for 204 it is 0.
   */
  onHead(status: number, headers: readonly string[], bodyLength: number | undefined): void;
  /**
   * @param chunk - until the call returns: its memory is used for what comes next.
   * @returns false: no more is read until `resume()`. What was received already may still come: the
   * rest of a TLS record, and `onEnd`.
   */
  onData(chunk: Buffer): boolean;
  /** The response is whole. */
  onEnd(trailers: readonly string[]): void;
  /**
   * The upstream changed the protocol. Headers without `Connection` and `Upgrade`, which were
   * compared with what was asked for.
   *
   * @param socket - paused. It is the handler's now: to read, to bound in time, and to close.
   * @param head - what came behind the response's head; it was not put back into the socket.
   */
  onUpgrade(status: number, headers: readonly string[], socket: Duplex, head: Buffer): void;
  /**
   * There is no response, or it was cut.
   *
   * @param error - `gateway.upstream_away`, `gateway.upstream_busy`, `gateway.upstream_timeout`,
   * `gateway.upstream_answer`; for a request that could not be sent as it is `gateway.framing`,
   * `gateway.body_incomplete`, `gateway.timeout` (its body did not arrive in time).
   */
  onError(error: GatehouseError, phase: 'before-head' | 'after-head'): void;
}

/** A request under way. */
export interface Exchange {
  /** After `onData` returned false. */
  resume(): void;
  /** Ends it; the handler is not called again. At any time, also more than once. */
  abort(): void;
}

/** One upstream. */
export interface UpstreamClient {
  /** Never throws: the handler is told. It may be called before this returns. */
  dispatch(request: UpstreamRequest, handler: UpstreamHandler): Exchange;
}

/** All upstreams of the file in force. */
export interface Upstreams {
  /**
   * @throws Error when there is no upstream of this name, and was none lately. One that a reload took
   * away is kept for the requests that began before it.
   */
  client(name: string): UpstreamClient;
  /**
   * Takes up new settings. An upstream whose settings are equal is kept with its connections; of the
   * others what is under way is finished.
   *
   * @throws Error when a file that TLS needs cannot be read; then nothing changes.
   */
  update(settings: ReadonlyMap<string, UpstreamSettings>): void;
  /** For the admin port, `explain` and metrics. */
  states(): readonly UpstreamState[];
  /** Lets requests under way finish for so long, then breaks them off. */
  close(graceMs: number): Promise<void>;
}

/** How an upstream is now. */
export interface UpstreamState {
  readonly name: string;
  readonly addresses: readonly AddressState[];
}

/** How one address is now. */
export interface AddressState {
  /** `host:port`. */
  readonly address: string;
  /** `rising`: it came back, and has not its full share yet. */
  readonly health: 'up' | 'rising' | 'ejected' | 'unhealthy';
  /** For how long it still gets no request while another can; 0 when it is not ejected. */
  readonly ejectedForMs: number;
  /** Requests that were sent, or wait for a connection. */
  readonly inFlight: number;
  /** Those of them that wait. */
  readonly waiting: number;
  readonly openConnections: number;
  readonly idleConnections: number;
  /**
   * The last failure that it is blamed for: a code of the system or of an error, or
   * `status 503`.
   */
  readonly lastError: string | undefined;
}
