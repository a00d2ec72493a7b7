/** One connection of HTTP/1: requests one after the other, each responded to before the next is looked at. */
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import {
  type BodyHost,
  BodyReader,
  MAX_HEAD_BYTES,
  NO_REQUEST,
  type ParsedHead,
  parseHead,
  requestFault,
  writePiece,
} from '@gatehouse/wire';
import { edgeErrors } from '../../errors.ts';
import { respondBy } from '../respond.ts';
import { type ExchangeHost, Http1Exchange } from './exchange.ts';
import { Patience } from './patience.ts';
import type { ConnectionShared, Watched } from './shared.ts';

/** How much of an unwanted body is swallowed so that the client reads its response, not a reset. */
const LINGER_BYTES = 8 * 1024 * 1024;
/** When so much of what a client sends behind a request is here, the rest waits in the system. */
const AHEAD_BYTES = 4 * 1024;
const EMPTY: Buffer = Buffer.alloc(0);
const LF = 0x0a;

export class Http1Connection implements BodyHost, ExchangeHost, Watched {
  readonly #socket: Socket;
  readonly #shared: ConnectionShared;
  readonly peerAddress: string;
  readonly localPort: number;
  readonly secure: boolean;
  readonly isDraining: () => boolean;
  #pending: Buffer = EMPTY;
  #exchange: Http1Exchange | undefined;
  #body: BodyReader | undefined;
  #busy = false;
  #paused = false;
  #lingering = false;
  #lingered = 0;
  #retired = false;
  #givenAway = false;
  readonly #patience: Patience;

  constructor(socket: Socket, shared: ConnectionShared) {
    this.#socket = socket;
    this.#shared = shared;
    this.peerAddress = socket.remoteAddress ?? '';
    this.localPort = socket.localPort ?? 0;
    this.secure = socket instanceof TLSSocket;
    this.#patience = new Patience(socket, () => shared.nowMs);
    this.isDraining = shared.isDraining;
    shared.connections.add(this);
    this.#listen('on');
  }

  send(text: string): boolean {
    this.#patience.touch();
    return this.#socket.write(text, 'latin1');
  }

  sendPiece(front: string, bytes: Uint8Array, back: string): boolean {
    this.#patience.touch();
    return writePiece(this.#socket, { front, bytes, back });
  }

  done(keepsAlive: boolean): void {
    this.#exchange = undefined;
    this.#patience.onResponded();
    if (!keepsAlive || this.#retired) {
      this.#close();
      return;
    }
    this.#body = undefined;
    if (this.#pending.length === 0) this.read();
    // Not deeper: what comes next may be done in the same call.
    else if (!this.#busy) process.nextTick(next, this);
  }

  breakOff(): void {
    // A reset, or TLS without its closing alert, so that no client takes what it has for the whole.
    if (this.secure) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
    this.#onGone();
  }

  giveAway(): { readonly socket: Duplex; readonly head: Buffer } {
    const socket = this.#socket;
    this.#listen('off');
    this.#shared.connections.delete(this);
    this.#givenAway = true;
    const head = this.#pending;
    this.#pending = EMPTY;
    return { socket, head };
  }

  stallAfter(ms: number): void {
    this.#patience.stallMs = ms;
    // One that is given away is looked after by nobody else.
    if (this.#givenAway) {
      this.#socket.setTimeout(ms, () => this.#socket.destroy());
    }
  }

  /** A client that waits for leave to send it has that now. */
  onBodyFlows(): void {
    this.#exchange?.informational(100, []);
  }

  onTick(nowMs: number): void {
    const verdict = this.#patience.verdict(nowMs, {
      isResponding: this.#exchange !== undefined,
      isLingering: this.#lingering,
      hasPending: this.#pending.length > 0,
    });
    if (verdict === 'head') this.#refuse(edgeErrors.TIMEOUT());
    else if (verdict === 'quiet') this.#socket.destroy();
  }

  retire(): void {
    this.#retired = true;
    if (this.#exchange !== undefined || this.#lingering) return;
    if (this.#socket.writableLength === 0) this.#socket.destroy();
    else this.#close();
  }

  /** Goes on with what came behind the last request. */
  next(): void {
    if (this.#exchange !== undefined || this.#lingering || this.#pending.length === 0) return;
    // What a client had sent before it was gone is asked for by nobody.
    if (this.#socket.destroyed) return;
    // A client that does not read its responses gets no more of them.
    if (this.#socket.writableNeedDrain) return;
    const bytes = this.#pending;
    this.#pending = EMPTY;
    this.#begin(bytes);
    if (this.#pending.length <= AHEAD_BYTES) this.read();
  }

  #listen(how: 'on' | 'off'): void {
    const socket = this.#socket;
    socket[how]('data', this.#onData);
    socket[how]('drain', this.#onDrain);
    socket[how]('end', this.#onGone);
    socket[how]('error', this.#onGone);
    socket[how]('close', this.#onClosed);
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#lingering) {
      this.#lingered += chunk.length;
      if (this.#lingered > LINGER_BYTES) this.#socket.destroy();
      return;
    }
    this.#patience.touch();
    if (this.#exchange === undefined && !this.#socket.writableNeedDrain) {
      this.#onHeadBytes(chunk);
    } else if (this.#body !== undefined && !this.#body.ended) {
      this.#feed(this.#body, chunk, 0);
    } else {
      this.#keep(chunk);
    }
  };

  #onHeadBytes(chunk: Buffer): void {
    if (this.#pending.length === 0) {
      this.#begin(chunk);
      return;
    }
    const bytes = Buffer.concat([this.#pending, chunk]);
    this.#pending = bytes;
    // Nothing can have become whole without the end of a line.
    if (!chunk.includes(LF) && bytes.length <= MAX_HEAD_BYTES) return;
    this.#pending = EMPTY;
    this.#begin(bytes);
  }

  #begin(bytes: Buffer): void {
    let head: ParsedHead | undefined;
    try {
      head = parseHead(bytes, 0, bytes.length);
    } catch (fault) {
      this.#refuse(fault);
      return;
    }
    if (head !== undefined) {
      this.#serve(head, bytes);
      return;
    }
    this.#patience.onPartOfHead();
    this.#pending = bytes;
  }

  #serve(head: ParsedHead, bytes: Buffer): void {
    this.#patience.onHead();
    const hasBody = !head.upgrades && (head.framing === 'length' || head.framing === 'chunked');
    const body = hasBody ? new BodyReader(head, this) : undefined;
    const exchange = new Http1Exchange(this, head, body);
    this.#exchange = exchange;
    this.#body = body;
    // Of a body that has no end, nothing is looked at.
    const isLast = head.end === bytes.length || head.framing === 'broken';
    this.#pending = body !== undefined || isLast ? EMPTY : bytes.subarray(head.end);
    this.#busy = true;
    respondBy(this.#shared, exchange);
    this.#busy = false;
    if (body !== undefined) this.#feed(body, bytes, head.end);
    if (this.#exchange === undefined) process.nextTick(next, this);
  }

  #feed(body: BodyReader, bytes: Buffer, from: number): void {
    if (this.#lingering) {
      this.#lingered += bytes.length - from;
      return;
    }
    let end: number;
    try {
      end = from < bytes.length ? body.take(bytes, from) : from;
    } catch (fault) {
      this.#onBadBody(fault);
      return;
    }
    if (end < bytes.length) this.#keep(bytes.subarray(end));
    if (!body.ended && !body.wanted) this.#pause();
  }

  #onBadBody(fault: unknown): void {
    const exchange = this.#exchange;
    if (exchange?.headSent !== false) {
      this.breakOff();
      return;
    }
    exchange.closed();
    this.#refuse(fault);
  }

  #keep(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    if (this.#pending.length > AHEAD_BYTES) this.#pause();
  }

  #pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  read(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#patience.touch();
    this.#socket.resume();
  }

  /** The bytes are no request: a response to them, and the end. */
  #refuse(fault: unknown): void {
    const exchange = new Http1Exchange(this, NO_REQUEST, undefined);
    this.#exchange = exchange;
    this.#pending = EMPTY;
    this.#patience.onHead();
    exchange.respond(this.#shared.wireFault(requestFault(fault), this.peerAddress));
  }

  /** RFC 9112, section 9.6: a close with unread bytes resets the connection, and the response with it. */
  #close(): void {
    this.#lingering = true;
    this.#pending = EMPTY;
    this.#body?.fail();
    this.read();
    this.#socket.end(() => this.#patience.touch());
  }

  readonly #onDrain = (): void => {
    this.#patience.touch();
    if (this.#exchange === undefined) this.next();
    else this.#exchange.listener?.onDrain();
  };

  readonly #onGone = (): void => {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    if (exchange === undefined) {
      this.#lingering = true;
      this.#socket.destroySoon();
      return;
    }
    this.#socket.destroy();
    exchange.closed();
  };

  /** Not before: what is not closed yet has to be looked after. */
  readonly #onClosed = (): void => {
    this.#shared.connections.delete(this);
    this.#onGone();
  };
}

function next(connection: Http1Connection): void {
  connection.next();
}
