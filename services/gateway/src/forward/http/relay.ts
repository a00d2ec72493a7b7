/** The way back: an upstream's answer, handed to the client as it comes. */
import type { Duplex } from 'node:stream';
import type { GatehouseError } from '@gatehouse/errors';
import { edgeErrors } from '../../errors.ts';
import type { Identity } from '../../identify/identify.ts';
import type { Sight } from '../../observe/http-observer.ts';
import type { Outgoing } from '../../receive/seam.ts';
import type { HttpRoute } from '../../route/http-route.ts';
import type { EndReason, LiveConnections } from './live-connections.ts';
import { type AnswerMarks, answerHead } from './response-head.ts';
import type { Exchange, UpstreamHandler } from './upstream-client.ts';
import { isAccepted, openTunnel } from './websocket.ts';

/** What a relay is for. */
export interface RelayOptions {
  readonly outgoing: Outgoing;
  readonly route: HttpRoute;
  readonly sight: Sight;
  readonly marks: AnswerMarks;
  readonly identity: Identity;
  readonly live: LiveConnections;
  /** Of the client's opening handshake; undefined: it did not ask for WebSocket. */
  readonly handshakeKey: string | undefined;
  /** Answers with a problem. Called once at most, and only before a head was sent. */
  readonly refuse: (error: GatehouseError) => void;
}

// RFC 6455, section 7.4.1.
const CLOSE_CODES = { 'access-ended': 1008, 'going-away': 1001 } as const;
const EVENT_STREAM = /^text\/event-stream\s*(?:;|$)/i;

/** One answer on its way. */
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
    if (!this.#over) this.#options.outgoing.informational(status, headers);
  }

  onHead(status: number, headers: readonly string[], bodyLength: number | undefined): void {
    if (this.#over) return;
    const { outgoing, route, sight, marks } = this.#options;
    sight.status = status;
    this.#isSized = bodyLength !== undefined;
    const head = answerHead(headers, route.rewrite.responseHeaders, marks);
    const isLive = isEventStream(head);
    outgoing.head(status, head, bodyLength);
    if (isLive) this.#liveUntil(() => this.#endStream());
  }

  onData(chunk: Buffer): boolean {
    if (this.#over) return true;
    this.#options.sight.bytes += chunk.length;
    return this.#options.outgoing.write(chunk);
  }

  onEnd(trailers: readonly string[]): void {
    if (this.#over) return;
    this.#over = true;
    this.#options.outgoing.end(trailers);
  }

  onUpgrade(status: number, headers: readonly string[], socket: Duplex, head: Buffer): void {
    const { outgoing, route, sight, marks, handshakeKey } = this.#options;
    if (this.#over || handshakeKey === undefined || !isAccepted(handshakeKey, headers)) {
      socket.destroy();
      this.onError(edgeErrors.UPSTREAM_ANSWER(), 'before-head');
      return;
    }
    this.#over = true;
    sight.status = status;
    const client = outgoing.upgrade(answerHead(headers, route.rewrite.responseHeaders, marks));
    outgoing.stallAfter(route.timeouts.idleMs);
    const early = { fromClient: client.head, fromUpstream: head };
    const tunnel = openTunnel(client.socket, socket, early);
    this.#liveUntil((reason) => tunnel.end(CLOSE_CODES[reason], reason));
  }

  onError(error: GatehouseError, phase: 'before-head' | 'after-head'): void {
    if (this.#over) return;
    this.#over = true;
    const { sight, outgoing, refuse } = this.#options;
    if (phase === 'before-head' && sight.status === 0) {
      refuse(error);
      return;
    }
    sight.code = error.code;
    sight.fault = error;
    // The head is out: nothing that could still be said would be read as anything but the body.
    outgoing.abort();
  }

  /** The client's body turned out to be longer than the route takes. */
  bodyTooLarge(): void {
    this.#exchange?.abort();
    const isOut = this.#options.sight.status !== 0;
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
    this.#options.outgoing.abort();
  }

  #liveUntil(end: (reason: EndReason) => void): void {
    const { live, identity } = this.#options;
    const { token, claims } = identity;
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
