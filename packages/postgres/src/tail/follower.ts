/**
 * What waits for one follower of a log: bounded, so that one who does not read costs no more than that.
 * It is ended instead, and follows again from the position that it has.
 */
export class Follower<Row> {
  readonly #maxBehind: number;
  #queue: Row[] = [];
  #ended = false;
  #failure: { readonly cause: unknown } | undefined;
  #arrived: (() => void) | undefined;

  constructor(maxBehind: number) {
    this.#maxBehind = maxBehind;
  }

  /** @returns false when it has ended, or ends now because too much waits already. */
  push(row: Row): boolean {
    if (this.#queue.length >= this.#maxBehind) this.fail(new Error('the follower is too slow'));
    if (this.#ended) return false;
    this.#queue.push(row);
    this.#arrived?.();
    return true;
  }

  /** Ends without an error: what waits is dropped. */
  end(): void {
    this.#ended = true;
    this.#queue = [];
    this.#arrived?.();
  }

  /** Ends with an error, which {@link next} throws. */
  fail(cause: unknown): void {
    if (this.#ended) return;
    this.#failure = { cause };
    this.end();
  }

  /**
   * The next row; `'silence'` when none came in time; `'ended'` after the end.
   *
   * @throws what {@link fail} was given.
   */
  async next(timeoutMs: number): Promise<Row | 'silence' | 'ended'> {
    if (this.#queue.length === 0 && !this.#ended) await this.#arrival(timeoutMs);
    if (this.#failure !== undefined) throw this.#failure.cause;
    if (this.#ended) return 'ended';
    return this.#queue.shift() ?? 'silence';
  }

  async #arrival(timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#arrived = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#arrived = undefined;
  }
}
