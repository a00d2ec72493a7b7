/** Responses on one connection, as their bytes come in, wherever these are cut. */
import { ChunkDecoder } from '../body/chunked.ts';
import { MalformedError } from '../errors.ts';
import { INCOMPLETE, MAX_HEAD_BYTES, readFields, scanFields } from '../fields/field-lines.ts';
import { passedTrailers } from '../fields/trailers.ts';
import { type Asked, type ResponseHead, readResponseHead } from './response-head.ts';

/** Who is told what an response says. Each may call `ResponseParser.stop`. */
export interface ResponseSink {
  onInformational(head: ResponseHead): void;
  onHead(head: ResponseHead): void;
  /** A piece of the body: `start` to `end` of the bytes that are being executed. */
  onPiece(start: number, end: number): void;
  /** The response is whole; for a change of protocol: its head is. */
  onWhole(trailers: readonly string[]): void;
}

/** Interim responses in front of one response; more are refused. */
const MAX_INFORMATIONAL = 16;
const LF = 0x0a;

const NOTHING: Asked = Object.freeze({ method: '', upgrade: undefined });

const IDLE = 0;
const HEAD = 1;
const LENGTH = 2;
const CHUNKS = 3;
const TRAILERS = 4;
const UNTIL_CLOSE = 5;

/**
 * One response at a time: `start`, then `execute` for all that is received.
 *
 * Limits: 64 KiB and 200 fields for a head and for trailers, 16 interim responses. Not done here: time.
 */
export class ResponseParser {
  readonly #sink: ResponseSink;
  readonly #chunks = new ChunkDecoder();
  readonly #onPiece: (start: number, end: number) => void;
  #state = IDLE;
  #asked = NOTHING;
  #remaining = 0;
  #informational = 0;
  /** The part of a head or of trailers that was received, while bytes of it are missing. */
  #pending: Buffer | undefined;
  #pendingBytes = 0;

  constructor(sink: ResponseSink) {
    this.#sink = sink;
    this.#onPiece = (start, end) => sink.onPiece(start, end);
  }

  /** Whether no response is awaited: every byte is one too many. */
  get idle(): boolean {
    return this.#state === IDLE;
  }

  /** Expects the response to a request. */
  start(asked: Asked): void {
    this.#asked = asked;
    this.#state = HEAD;
    this.#informational = 0;
  }

  /** Expects nothing more. */
  stop(): void {
    this.#state = IDLE;
    this.#asked = NOTHING;
    this.#pending = undefined;
    this.#pendingBytes = 0;
  }

  /**
   * Takes received bytes up to the end of the response.
   *
   * @param length - only so many of the bytes are valid.
   * @returns the index behind what belongs to the response.
   * @throws MalformedError at what no response can be.
   */
  execute(bytes: Buffer, length: number): number {
    let at = 0;
    while (at < length && this.#state !== IDLE) {
      if (this.#state === HEAD || this.#state === TRAILERS) at = this.#section(bytes, at, length);
      else at = this.#body(bytes, at, length);
    }
    return at;
  }

  /**
   * The other side will send nothing more.
   *
   * @throws MalformedError when the response is not whole.
   */
  finish(): void {
    if (this.#state === UNTIL_CLOSE) this.#whole([]);
    else if (this.#state !== IDLE)
      throw new MalformedError('the connection ended before the response');
  }

  #body(bytes: Buffer, from: number, to: number): number {
    if (this.#state === CHUNKS) {
      const at = this.#chunks.execute(bytes, { from, to }, this.#onPiece);
      if (this.#state === CHUNKS && this.#chunks.ended) this.#state = TRAILERS;
      return at;
    }
    if (this.#state === UNTIL_CLOSE) {
      this.#sink.onPiece(from, to);
      return to;
    }
    const end = Math.min(to, from + this.#remaining);
    this.#remaining -= end - from;
    this.#sink.onPiece(from, end);
    if (this.#state === LENGTH && this.#remaining === 0) this.#whole([]);
    return end;
  }

  /** A head or trailers: whole in these bytes, or put together with those before. */
  #section(bytes: Buffer, from: number, to: number): number {
    if (this.#pending === undefined) {
      const end = this.#read(bytes, from, to);
      if (end === INCOMPLETE) this.#keep(bytes, from, to);
      return end === INCOMPLETE ? to : end;
    }
    const before = this.#pendingBytes;
    this.#keep(bytes, from, to);
    // Nothing can have become whole without the end of a line.
    if (!bytes.subarray(from, to).includes(LF)) return to;
    const pending = this.#pending;
    const kept = this.#pendingBytes;
    this.#pending = undefined;
    this.#pendingBytes = 0;
    const end = this.#read(pending, 0, kept);
    if (end !== INCOMPLETE) return from + end - before;
    this.#pending = pending;
    this.#pendingBytes = kept;
    return to;
  }

  #keep(bytes: Buffer, from: number, to: number): void {
    const needed = this.#pendingBytes + to - from;
    if (needed > MAX_HEAD_BYTES) throw new MalformedError('a head is too large');
    const before = this.#pending;
    if (before === undefined || before.length < needed) {
      this.#pending = Buffer.allocUnsafe(Math.max(1024, needed * 2));
      before?.copy(this.#pending, 0, 0, this.#pendingBytes);
    }
    bytes.copy(this.#pending as Buffer, this.#pendingBytes, from, to);
    this.#pendingBytes = needed;
  }

  #read(bytes: Buffer, from: number, to: number): number {
    if (this.#state === TRAILERS) {
      const end = scanFields(bytes, from, to);
      if (end === INCOMPLETE) return end;
      checkSize(end - from);
      this.#whole(passedTrailers(readFields(bytes.toString('latin1', from, end), from)));
      return end;
    }
    const read = readResponseHead(bytes, { from, to }, this.#asked);
    if (read === INCOMPLETE) return INCOMPLETE;
    checkSize(read.end - from);
    this.#onHead(read.head);
    return read.end;
  }

  #onHead(head: ResponseHead): void {
    if (head.status < 200 && head.framing !== 'tunnel') {
      this.#informational += 1;
      if (this.#informational > MAX_INFORMATIONAL)
        throw new MalformedError('too many interim responses');
      this.#sink.onInformational(head);
      return;
    }
    this.#remaining = head.bodyLength ?? 0;
    if (head.framing === 'length') this.#state = LENGTH;
    if (head.framing === 'close') this.#state = UNTIL_CLOSE;
    if (head.framing === 'chunked') {
      this.#state = CHUNKS;
      this.#chunks.start();
    }
    this.#sink.onHead(head);
    if (this.#state === HEAD) this.#whole([]);
  }

  #whole(trailers: readonly string[]): void {
    this.stop();
    this.#sink.onWhole(trailers);
  }
}

function checkSize(bytes: number): void {
  if (bytes > MAX_HEAD_BYTES) throw new MalformedError('a head is too large');
}
