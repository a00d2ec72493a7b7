/** The body of a request: where it ends, and who takes it. */

import { wireErrors } from '../errors.ts';
import { readFields, scanFields } from '../fields/field-lines.ts';
import { requestTrailers } from '../fields/trailers.ts';
import { MAX_HEAD_BYTES, type ParsedHead } from '../request/request-parser.ts';
import type { BodySink, BodySource } from './body.ts';
import { ChunkDecoder } from './chunked.ts';

/** What may wait for who takes it. */
const KEPT_BYTES = 64 * 1024;
/** A client can send a body byte by byte, each in a buffer of its own. */
const KEPT_PIECES = 1000;
const INCOMPLETE = -1;
const LF = 0x0a;

/** Who a body is read for. */
export interface BodyHost {
  /** More can be taken. */
  read(): void;
  /** Somebody takes it now; not only the first time. */
  onBodyFlows(): void;
}

/** One body on its way in. What is taken goes to the sink in the same call, if there is one. */
export class BodyReader implements BodySource {
  readonly #chunks: ChunkDecoder | undefined;
  readonly #host: BodyHost;
  readonly #kept: Buffer[] = [];
  #keptBytes = 0;
  #sink: BodySink | undefined;
  #blocked = false;
  #left: number;
  #trailers: readonly string[] = [];
  #section: Buffer | undefined;
  #ended = false;
  #failed = false;

  constructor(head: Pick<ParsedHead, 'framing' | 'lengthBytes'>, host: BodyHost) {
    this.#left = head.lengthBytes;
    this.#host = host;
    this.#chunks = head.framing === 'chunked' ? new ChunkDecoder() : undefined;
  }

  /** Whether all of it was received. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether more can be taken now. */
  get wanted(): boolean {
    return !this.#blocked && this.#keptBytes < KEPT_BYTES && this.#kept.length < KEPT_PIECES;
  }

  get trailers(): readonly string[] {
    return this.#trailers;
  }

  flow(sink: BodySink): void {
    this.#host.onBodyFlows();
    this.#sink = sink;
    this.#blocked = false;
    this.#deliver();
  }

  resume(): void {
    if (!this.#blocked) return;
    this.#blocked = false;
    this.#deliver();
  }

  release(): void {
    this.#sink = undefined;
    this.#blocked = false;
  }

  /**
   * Takes bytes.
   *
   * @returns the index behind those that are its own.
   * @throws MalformedError, GatehouseError at what no body can be.
   */
  take(bytes: Buffer, from: number): number {
    if (this.#chunks !== undefined) return this.#takeChunks(this.#chunks, bytes, from);
    const end = Math.min(bytes.length, from + this.#left);
    this.#left -= end - from;
    this.#push(bytes, from, end);
    if (this.#left === 0) this.#end();
    return end;
  }

  /** The client is gone, or its framing broke. */
  fail(): void {
    if (this.#ended || this.#failed) return;
    this.#failed = true;
    this.#kept.length = 0;
    this.#sink?.onBroken(wireErrors.BODY_INCOMPLETE());
  }

  #takeChunks(chunks: ChunkDecoder, bytes: Buffer, from: number): number {
    if (chunks.ended) return this.#takeTrailers(bytes, from);
    const joined = { start: from, end: from };
    const at = chunks.execute(bytes, { from, to: bytes.length }, (start, end) => {
      if (joined.start === joined.end) joined.start = joined.end = start;
      // Over the lines between them: a buffer for each of a body's bytes would be a hundred times it.
      if (joined.end !== start) bytes.copyWithin(joined.end, start, end);
      joined.end += end - start;
    });
    this.#push(bytes, joined.start, joined.end);
    return chunks.ended ? this.#takeTrailers(bytes, at) : at;
  }

  #takeTrailers(bytes: Buffer, from: number): number {
    const before = this.#section?.length ?? 0;
    const rest = bytes.subarray(from);
    const section = this.#section === undefined ? rest : Buffer.concat([this.#section, rest]);
    const isNew = before === 0 || rest.includes(LF);
    const end = isNew ? scanFields(section, 0, section.length) : INCOMPLETE;
    if (end === INCOMPLETE) {
      if (section.length > MAX_HEAD_BYTES) throw wireErrors.HEADERS_TOO_LARGE();
      this.#section = section;
      return bytes.length;
    }
    this.#trailers = requestTrailers(readFields(section.toString('latin1', 0, end), 0));
    this.#end();
    return from + end - before;
  }

  #push(bytes: Buffer, from: number, end: number): void {
    if (end === from) return;
    const piece = bytes.subarray(from, end);
    if (this.#sink === undefined || this.#blocked || this.#kept.length > 0) {
      this.#kept.push(piece);
      this.#keptBytes += piece.length;
    } else {
      this.#give(this.#sink, piece);
    }
  }

  #give(sink: BodySink, piece: Buffer): void {
    // It may have let go of the body meanwhile, or another one have come.
    if (!sink.onPiece(piece) && this.#sink === sink) this.#blocked = true;
  }

  #end(): void {
    this.#ended = true;
    if (this.#kept.length === 0 && !this.#blocked) this.#sink?.onEnd();
  }

  #deliver(): void {
    while (this.#sink !== undefined && !this.#blocked) {
      const piece = this.#kept.shift();
      if (piece === undefined) {
        this.#deliverEnd(this.#sink);
        return;
      }
      this.#keptBytes -= piece.length;
      this.#give(this.#sink, piece);
    }
  }

  #deliverEnd(sink: BodySink): void {
    if (this.#failed) sink.onBroken(wireErrors.BODY_INCOMPLETE());
    else if (this.#ended) sink.onEnd();
    else this.#host.read();
  }
}
