/**
 * The chunked coding, piece by piece as its bytes come in.
 *
 * Source: RFC 9112, section 7.1. Stricter than it has to be: lines end with CRLF only, a size has at
 * most 13 digits and no blank behind it, and extensions, which nobody reads, are bounded.
 */
import { MalformedError } from '../errors.ts';
import { endOfValue } from '../fields/field-lines.ts';

/** Takes the pieces of a body: `bytes` from `start` up to `end`, valid during the call only. */
export type PieceSink = (start: number, end: number) => void;

const MAX_SIZE_DIGITS = 13;
const MAX_EXTENSION_BYTES = 256;
const LF = 0x0a;
const CR = 0x0d;
const SEMICOLON = 0x3b;

const SIZE = 0;
const EXTENSION = 1;
const SIZE_LF = 2;
const DATA = 3;
const DATA_CR = 4;
const DATA_LF = 5;
const ENDED = 6;

const HEX = hexValues();

function hexValues(): Int8Array {
  const table = new Int8Array(256).fill(-1);
  for (let value = 0; value < 16; value += 1) {
    const digit = value.toString(16);
    table[digit.charCodeAt(0)] = value;
    table[digit.toUpperCase().charCodeAt(0)] = value;
  }
  return table;
}

/** Decodes one body after the other. What follows the last chunk (trailers) is not its part. */
export class ChunkDecoder {
  #state = SIZE;
  #size = 0;
  #digits = 0;
  #extensionBytes = 0;

  /** To be called before each body. */
  start(): void {
    this.#state = SIZE;
    this.#size = 0;
    this.#digits = 0;
    this.#extensionBytes = 0;
  }

  /** Whether the last chunk's line was read. */
  get ended(): boolean {
    return this.#state === ENDED;
  }

  /**
   * @returns the index behind what was taken: `to`, or where the trailers begin.
   * @throws MalformedError at the first invalid byte.
   */
  execute(bytes: Buffer, range: { from: number; to: number }, onPiece: PieceSink): number {
    const { to } = range;
    let at = range.from;
    while (at < to && this.#state !== ENDED) {
      if (this.#state === DATA) {
        const end = Math.min(to, at + this.#size);
        this.#size -= end - at;
        if (this.#size === 0) this.#state = DATA_CR;
        onPiece(at, end);
        at = end;
      } else if (this.#state === EXTENSION) {
        at = this.#skipExtension(bytes, at, to);
      } else {
        this.#takeByte(bytes[at] as number);
        at += 1;
      }
    }
    return at;
  }

  #takeByte(byte: number): void {
    switch (this.#state) {
      case SIZE:
        this.#takeSize(byte);
        break;
      case SIZE_LF:
        expect(byte, LF);
        this.#state = this.#size === 0 ? ENDED : DATA;
        break;
      case DATA_CR:
        expect(byte, CR);
        this.#state = DATA_LF;
        break;
      default:
        expect(byte, LF);
        this.start();
    }
  }

  #takeSize(byte: number): void {
    const value = HEX[byte] as number;
    if (value >= 0) {
      this.#digits += 1;
      if (this.#digits > MAX_SIZE_DIGITS) throw new MalformedError('a chunk size is too long');
      this.#size = this.#size * 16 + value;
      return;
    }
    if (this.#digits === 0) throw new MalformedError('a chunk has no size');
    if (byte === CR) this.#state = SIZE_LF;
    else if (byte === SEMICOLON) this.#state = EXTENSION;
    else throw new MalformedError('a chunk size is not a number');
  }

  #skipExtension(bytes: Buffer, from: number, to: number): number {
    const end = endOfValue(bytes, from, to);
    this.#extensionBytes += end - from;
    if (this.#extensionBytes > MAX_EXTENSION_BYTES) {
      throw new MalformedError('a chunk extension is too long');
    }
    if (end === to) return end;
    expect(bytes[end] as number, CR);
    this.#state = SIZE_LF;
    return end + 1;
  }
}

function expect(byte: number, expected: number): void {
  if (byte !== expected) throw new MalformedError('a chunk does not end where it must');
}
