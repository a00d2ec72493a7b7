/** A request's body on its way into a socket, as fast as the socket takes it. */
import type { Readable, Writable } from 'node:stream';
import type { GatehouseError } from '@gatehouse/errors';
import { edgeErrors } from '../../errors.ts';
import { fieldLine } from './request-head.ts';
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

/**
 * Sends one body. A stream with more or fewer bytes than announced, or that breaks off, ends as bad:
 * nothing beyond the announced length is ever written.
 *
 * Not done here: the head, and giving up after a time.
 */
export class RequestSender {
  readonly #socket: Writable;
  readonly #stream: Readable;
  readonly #length: number | undefined;
  readonly #trailers: (() => readonly string[]) | undefined;
  readonly #events: SenderEvents;
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
    this.#stream = body.stream;
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

  /** Whether something was taken out of the stream, so that no second attempt could send it. */
  get touched(): boolean {
    return this.#bytes > 0 || this.#sent;
  }

  /** Begins to send. What the stream has by the next tick leaves together with what is corked. */
  start(): void {
    if (this.#started || this.#stopped) return;
    this.#started = true;
    const stream = this.#stream;
    if (stream.readableEnded) {
      this.#onEnd();
      return;
    }
    if (stream.destroyed) {
      this.#bad();
      return;
    }
    stream.on('data', this.#onData);
    stream.on('end', this.#onEnd);
    stream.on('error', this.#bad);
    stream.on('close', this.#bad);
    this.#socket.on('drain', this.#onDrain);
    // An attempt before this one may have left it paused.
    stream.resume();
  }

  /** Sends nothing more, and leaves the stream paused as it is. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    if (!this.#started) return;
    const stream = this.#stream;
    stream.off('data', this.#onData);
    stream.off('end', this.#onEnd);
    stream.off('error', this.#bad);
    stream.off('close', this.#bad);
    this.#socket.off('drain', this.#onDrain);
    if (!this.#sent) stream.pause();
  }

  readonly #onData = (chunk: Buffer): void => {
    if (chunk.length === 0) return;
    this.#bytes += chunk.length;
    if (this.#length !== undefined && this.#bytes > this.#length) {
      this.#bad();
      return;
    }
    this.#events.onMoved();
    if (this.#write(chunk)) return;
    this.#waits = true;
    this.#stream.pause();
  };

  #write(chunk: Buffer): boolean {
    const socket = this.#socket;
    if (this.#length !== undefined) return socket.write(chunk);
    socket.cork();
    socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1');
    socket.write(chunk);
    const goesOn = socket.write('\r\n', 'latin1');
    socket.uncork();
    return goesOn;
  }

  readonly #onDrain = (): void => {
    if (!this.#waits) return;
    this.#waits = false;
    this.#events.onMoved();
    this.#stream.resume();
  };

  readonly #onEnd = (): void => {
    if (this.#length !== undefined && this.#bytes !== this.#length) {
      this.#bad();
      return;
    }
    let end = '';
    try {
      if (this.#length === undefined) end = lastChunk(this.#trailers?.() ?? []);
    } catch (fault) {
      this.#bad(fault as Error);
      return;
    }
    if (end !== '') this.#socket.write(end, 'latin1');
    this.#sent = true;
    this.stop();
    this.#events.onSent();
  };

  readonly #bad = (cause?: Error): void => {
    this.stop();
    this.#events.onBadBody(edgeErrors.BODY_INCOMPLETE({ cause }));
  };
}

function lastChunk(trailers: readonly string[]): string {
  let end = '0\r\n';
  for (let index = 0; index < trailers.length; index += 2) {
    end += fieldLine(trailers[index] as string, trailers[index + 1]);
  }
  return `${end}\r\n`;
}
