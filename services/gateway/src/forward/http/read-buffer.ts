/**
 * Where received bytes are put: one buffer for all connections, so that an idle one costs no memory,
 * and a response none either. Whoever is handed what lies in it has copied it, or is done with it, when
 * the call returns.
 */

const READ_BYTES = 128 * 1024;
// Safe to share: it is filled, and read to its end, in one go for one connection.
const shared = Buffer.allocUnsafeSlow(READ_BYTES);

/** Where every read goes. */
export function readBuffer(): Buffer {
  return shared;
}

/** The pieces of a body in what was just read for one connection. */
export class Pieces {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  #count = 0;

  /** Notes a piece. In their order. */
  add(start: number, end: number): void {
    if (start === end) return;
    this.#starts[this.#count] = start;
    this.#ends[this.#count] = end;
    this.#count += 1;
  }

  /**
   * What was noted, as one piece of these bytes: moved together over what lay between.
   *
   * @returns undefined when nothing was noted.
   */
  take(bytes: Buffer): Buffer | undefined {
    const count = this.#count;
    if (count === 0) return undefined;
    this.#count = 0;
    const start = this.#starts[0] as number;
    let at = this.#ends[0] as number;
    for (let index = 1; index < count; index += 1) {
      const [from, to] = [this.#starts[index] as number, this.#ends[index] as number];
      bytes.copyWithin(at, from, to);
      at += to - from;
    }
    return bytes.subarray(start, at);
  }
}
