/** The body of a request: where it ends, and the stream that it is read by. */
import { Readable } from 'node:stream';
import { edgeErrors } from '../../errors.ts';
import { readFields, scanFields } from '../../forward/http/answer-fields.ts';
import { ChunkDecoder } from '../../forward/http/chunked.ts';
import { MAX_HEAD_BYTES, type ParsedHead } from './head-parser.ts';

/** What may wait for who reads. */
const KEPT_BYTES = 64 * 1024;
const INCOMPLETE = -1;
const LF = 0x0a;

/** One body on its way in. */
export class BodyReader {
  readonly #chunks: ChunkDecoder | undefined;
  readonly #stream: Readable;
  readonly #resume: () => void;
  #left: number;
  #trailers: readonly string[] = [];
  #section: Buffer | undefined;
  #ended = false;
  #wanted = true;

  /** @param resume - called when more can be taken. */
  constructor(head: Pick<ParsedHead, 'framing' | 'lengthBytes'>, resume: () => void) {
    this.#left = head.lengthBytes;
    this.#resume = resume;
    this.#chunks = head.framing === 'chunked' ? new ChunkDecoder() : undefined;
    this.#stream = new Readable({
      highWaterMark: KEPT_BYTES,
      read: () => {
        this.#wanted = true;
        this.#resume();
      },
    });
    this.#stream.on('error', () => undefined);
  }

  get stream(): Readable {
    return this.#stream;
  }

  /** Whether all of it was received. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether more can be taken now. */
  get wanted(): boolean {
    return this.#wanted;
  }

  get trailers(): readonly string[] {
    return this.#trailers;
  }

  /**
   * Takes bytes.
   *
   * @returns the index behind those that are its own.
   * @throws AnswerFault, GatehouseError at what no body can be.
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
    if (!this.#ended) this.#stream.destroy(edgeErrors.BODY_INCOMPLETE());
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
      if (section.length > MAX_HEAD_BYTES) throw edgeErrors.HEADERS_TOO_LARGE();
      this.#section = section;
      return bytes.length;
    }
    this.#trailers = readFields(section.toString('latin1', 0, end), 0);
    this.#end();
    return from + end - before;
  }

  #push(bytes: Buffer, from: number, end: number): void {
    if (end > from && !this.#stream.push(bytes.subarray(from, end))) this.#wanted = false;
  }

  #end(): void {
    this.#ended = true;
    this.#stream.push(null);
  }
}
