/**
 * Where received bytes are put. All connections read into one shared buffer, out of which a body is
 * copied: an idle connection then costs no memory, and a small answer one small copy. While a large
 * body comes in, a connection reads into buffers of its own, which are handed on without a copy.
 */

const READ_BYTES = 64 * 1024;
/** A piece of this size is worth more than the rest of the buffer that it keeps alive. */
const WORTH_KEEPING_BYTES = 16 * 1024;
// Safe to share: it is filled, and read to its end, in one go for one connection.
const shared = Buffer.allocUnsafeSlow(READ_BYTES);

/** The buffers of one connection. */
export class ReadBuffers {
  #own: Buffer | undefined;
  #readsLarge = false;
  #starts: number[] = [];
  #ends: number[] = [];
  #bytes = 0;

  /** Where the next read goes. */
  next(): Buffer {
    if (!this.#readsLarge) return shared;
    this.#own ??= Buffer.allocUnsafeSlow(READ_BYTES);
    return this.#own;
  }

  /** Notes a piece of a body in the buffer that was read into. */
  add(start: number, end: number): void {
    this.#starts.push(start);
    this.#ends.push(end);
    this.#bytes += end - start;
  }

  /**
   * What was noted of this buffer, as one chunk that nobody writes to again.
   *
   * @returns undefined when nothing was.
   */
  take(buffer: Buffer): Buffer | undefined {
    const bytes = this.#bytes;
    if (bytes === 0) return undefined;
    this.#bytes = 0;
    const chunk =
      buffer === shared || bytes < WORTH_KEEPING_BYTES || this.#starts.length > 1
        ? this.#copy(buffer, bytes)
        : this.#giveAway(buffer);
    this.#starts.length = 0;
    this.#ends.length = 0;
    // A full read says that more is on its way.
    this.#readsLarge = bytes >= WORTH_KEEPING_BYTES;
    if (!this.#readsLarge) this.#own = undefined;
    return chunk;
  }

  #giveAway(buffer: Buffer): Buffer {
    if (buffer === this.#own) this.#own = undefined;
    return buffer.subarray(this.#starts[0], this.#ends[0]);
  }

  #copy(buffer: Buffer, bytes: number): Buffer {
    const copy = Buffer.allocUnsafe(bytes);
    let at = 0;
    for (let index = 0; index < this.#starts.length; index += 1) {
      at += buffer.copy(copy, at, this.#starts[index], this.#ends[index]);
    }
    return copy;
  }
}
