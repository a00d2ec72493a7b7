/** A request's body on its way into a socket, as fast as the socket takes it. */
import type { Writable } from 'node:stream';
import type { GatehouseError } from '@gatehouse/errors';
import { type BodySink, type BodySource, chunkLine, lastChunk, writePiece } from '@gatehouse/wire';
import { edgeErrors } from '../../errors.ts';
import type { UpstreamRequest } from './upstream-client.ts';

/** Who is told how it goes. */
export interface SenderEvents {
  /** Something moved. */
  onMoved(): void;
  /** All of it was handed to the socket. */
  onSent(): void;
  /** The body is not what was announced; the request cannot be finished. */
  onBadBody(error: GatehouseError): void;
}

/** Larger pieces are not copied to leave together with what frames them. */
const JOINED_BYTES = 32 * 1024;

/**
 * Sends one body. A source with more or fewer bytes than announced, or that is cut, ends as bad:
 * nothing beyond the announced length is ever written.
 *
 * Not done here: giving up after a time.
 */
export class RequestSender implements BodySink {
  readonly #socket: Writable;
  readonly #source: BodySource;
  readonly #length: number | undefined;
  readonly #trailers: (() => readonly string[]) | undefined;
  readonly #events: SenderEvents;
  #head = '';
  #started = false;
  #stopped = false;
  #sent = false;
  #bytes = 0;
  #waits = false;

  /** @param request - with a body. */
  constructor(socket: Writable, request: UpstreamRequest, events: SenderEvents) {
    const { body } = request;
    if (body === undefined) throw new TypeError('there is no body to send');
    this.#socket = socket;
    this.#source = body.source;
    this.#length = body.length;
    this.#trailers = request.trailers;
    this.#events = events;
  }

  /** Whether all of it was handed to the socket. */
  get sent(): boolean {
    return this.#sent;
  }

  /** Whether it was not begun yet, since the upstream is asked first. */
  get waiting(): boolean {
    return !this.#started && !this.#stopped;
  }

  /** Whether it is the socket that is waited for, not the client. */
  get blocked(): boolean {
    return this.#waits;
  }

  /** Whether something was taken out of the source, so that no second attempt could send it. */
  get touched(): boolean {
    return this.#bytes > 0 || this.#sent;
  }

  /** Begins to send. @param head - leaves together with what of the body comes within this tick. */
  start(head: string): void {
    if (this.#started || this.#stopped) return;
    this.#started = true;
    this.#head = head;
    this.#source.flow(this);
    if (this.#head !== '') process.nextTick(flushHead, this);
  }

  /** Sends nothing more, and leaves the source as it is. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#head = '';
    if (!this.#started) return;
    this.#source.release();
    if (this.#waits) this.#socket.off('drain', this.#onDrain);
  }

  flushHead(): void {
    const head = this.#takeHead();
    if (head !== '') this.#socket.write(head, 'latin1');
  }

  onPiece(bytes: Buffer): boolean {
    this.#bytes += bytes.length;
    if (this.#length !== undefined && this.#bytes > this.#length) {
      this.onBroken();
      return false;
    }
    this.#events.onMoved();
    if (this.#write(bytes)) return true;
    // Only now: most bodies wait for no socket.
    if (!this.#waits) this.#socket.once('drain', this.#onDrain);
    this.#waits = true;
    return false;
  }

  onEnd(): void {
    if (this.#length !== undefined && this.#bytes !== this.#length) {
      this.onBroken();
      return;
    }
    let end = '';
    try {
      if (this.#length === undefined) end = lastChunk(this.#trailers?.() ?? []);
    } catch (fault) {
      this.onBroken(fault as Error);
      return;
    }
    end = this.#takeHead() + end;
    if (end !== '') this.#socket.write(end, 'latin1');
    this.#sent = true;
    this.stop();
    this.#events.onSent();
  }

  onBroken(cause?: Error): void {
    this.stop();
    this.#events.onBadBody(edgeErrors.BODY_INCOMPLETE({ cause }));
  }

  #write(bytes: Buffer): boolean {
    const socket = this.#socket;
    const isChunked = this.#length === undefined;
    const front = this.#takeHead() + (isChunked ? chunkLine(bytes.length) : '');
    const back = isChunked ? '\r\n' : '';
    if (front === '') return socket.write(bytes);
    if (bytes.length <= JOINED_BYTES) return writePiece(socket, { front, bytes, back });
    socket.cork();
    socket.write(front, 'latin1');
    let goesOn = socket.write(bytes);
    if (isChunked) goesOn = socket.write(back, 'latin1');
    socket.uncork();
    return goesOn;
  }

  #takeHead(): string {
    const head = this.#head;
    this.#head = '';
    return head;
  }

  readonly #onDrain = (): void => {
    this.#waits = false;
    this.#events.onMoved();
    this.#source.resume();
  };
}

function flushHead(sender: RequestSender): void {
  sender.flushHead();
}
