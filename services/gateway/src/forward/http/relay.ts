/** The way back: an upstream's response, handed to the client as it comes. */
import type { Duplex } from 'node:stream';
import type { GatehouseError } from '@gatehouse/errors';
import type { GatewayRequest, Responder } from '../../decide/request.ts';
import { type ResponseStages, runOnResponse } from '../../decide/stages.ts';
import { edgeErrors } from '../../errors.ts';
import type { HttpRoute } from '../../route/http-route.ts';
import type { EndReason, LiveConnections } from './live-connections.ts';
import { responseHead } from './response-head.ts';
import type { Exchange, UpstreamHandler } from './upstream-client.ts';
import { isAccepted, openTunnel } from './websocket.ts';

/** What a relay is for. */
export interface RelayOptions {
  readonly request: GatewayRequest;
  readonly http: HttpRoute;
  readonly live: LiveConnections;
  readonly stages: ResponseStages;
  /** Asked once at most, and only before a head was sent. */
  readonly responder: Pick<Responder, 'refuse'>;
}

// RFC 6455, section 7.4.1.
const CLOSE_CODES = { 'access-ended': 1008, 'going-away': 1001 } as const;
const EVENT_STREAM = /^text\/event-stream\s*(?:;|$)/i;

/** One response on its way. */
export class Relay implements UpstreamHandler {
  readonly #options: RelayOptions;
  #exchange: Exchange | undefined;
  #over = false;
  #isSized = false;
  #leave: (() => void) | undefined;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  /** The request under way, once it is; it may be over by then. */
  follows(exchange: Exchange): void {
    this.#exchange = exchange;
  }

  /** The client takes more. */
  onDrain(): void {
    this.#exchange?.resume();
  }

  onInformational(status: number, headers: readonly string[]): void {
    if (!this.#over) this.#options.request.outgoing.informational(status, headers);
  }

  onHead(status: number, headers: readonly string[], bodyLength: number | undefined): void {
    if (this.#over) return;
    const { request } = this.#options;
    const head = this.#head(status, headers);
    if (head === undefined) return;
    request.record.status = status;
    this.#isSized = bodyLength !== undefined;
    const isLive = isEventStream(head);
    request.outgoing.head(status, head, bodyLength);
    if (isLive) this.#liveUntil(() => this.#endStream());
  }

  onData(chunk: Buffer): boolean {
    if (this.#over) return true;
    const { record, outgoing } = this.#options.request;
    record.bytes += chunk.length;
    return outgoing.write(chunk);
  }

  onEnd(trailers: readonly string[]): void {
    if (this.#over) return;
    this.#over = true;
    this.#options.request.outgoing.end(trailers);
  }

  onUpgrade(status: number, headers: readonly string[], socket: Duplex, head: Buffer): void {
    const { request, http } = this.#options;
    const { outgoing, record, handshakeKey } = request;
    if (this.#over || handshakeKey === undefined || !isAccepted(handshakeKey, headers)) {
      socket.destroy();
      this.onError(edgeErrors.UPSTREAM_ANSWER(), 'before-head');
      return;
    }
    this.#over = true;
    record.status = status;
    const client = outgoing.upgrade(responseHead(headers, http.rewrite.responseHeaders, request));
    outgoing.stallAfter(http.timeouts.idleMs);
    const early = { fromClient: client.head, fromUpstream: head };
    const tunnel = openTunnel(client.socket, socket, early);
    this.#liveUntil((reason) => tunnel.end(CLOSE_CODES[reason], reason));
  }

  onError(error: GatehouseError, phase: 'before-head' | 'after-head'): void {
    if (this.#over) return;
    this.#over = true;
    const { request, responder } = this.#options;
    const { record, outgoing } = request;
    if (phase === 'before-head' && record.status === 0) {
      responder.refuse(error);
      return;
    }
    record.code = error.code;
    record.cause = error;
    record.isFault = true;
    // The head is out: nothing that could still be said would be read as anything but the body.
    outgoing.abort();
  }

  /** The client's body turned out to be longer than the route takes. */
  bodyTooLarge(): void {
    this.#exchange?.abort();
    const isOut = this.#options.request.record.status !== 0;
    this.onError(edgeErrors.BODY_TOO_LARGE(), isOut ? 'after-head' : 'before-head');
  }

  /** The client is done with the exchange, or gone. */
  onClosed(): void {
    this.#leave?.();
    if (this.#over) return;
    this.#over = true;
    this.#exchange?.abort();
  }

  /** An event stream ends whole: its client asks again, and hears why it may not. */
  #endStream(): void {
    if (this.#over) return;
    this.#exchange?.abort();
    if (!this.#isSized) {
      this.onEnd([]);
      return;
    }
    // Fewer bytes than announced: what comes next on the connection would be read as the rest.
    this.#over = true;
    this.#options.request.outgoing.abort();
  }

  /** @returns undefined: a stage took the response's place. */
  #head(status: number, headers: readonly string[]): string[] | undefined {
    const { request, http, stages, responder } = this.#options;
    const head = responseHead(headers, http.rewrite.responseHeaders, request);
    if (stages.length === 0 && request.responseHeaders === undefined) return head;
    try {
      runOnResponse(stages, request, { status, headers: head });
      return head;
    } catch (thrown) {
      this.#over = true;
      this.#exchange?.abort();
      responder.refuse(thrown);
      return undefined;
    }
  }

  #liveUntil(end: (reason: EndReason) => void): void {
    const { live, request } = this.#options;
    const { token, claims } = request.identity;
    this.#leave =
      token === undefined || claims === undefined
        ? live.addAnonymous(end)
        : live.add({ token, claims, end });
  }
}

function isEventStream(headers: readonly string[]): boolean {
  for (let index = 0; index + 1 < headers.length; index += 2) {
    if (headers[index] === 'content-type') return EVENT_STREAM.test(headers[index + 1] as string);
  }
  return false;
}
