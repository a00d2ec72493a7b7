/**
 * Reads something again and again, for many who ask: one read at a time, and whoever asks during one
 * gets the next, together with the others, since the one under way may have begun too early.
 */
export class LatestRead {
  readonly #read: () => Promise<void>;
  #current: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(read: () => Promise<void>) {
    this.#read = read;
  }

  /** The read that is under way, if one is. */
  get current(): Promise<void> | undefined {
    return this.#current;
  }

  /** Resolves after a read that began after this call. @throws what the read throws. */
  again(): Promise<void> {
    if (this.#current === undefined && this.#next === undefined) return this.#begin();
    const current = this.#current ?? Promise.resolve();
    this.#next ??= current.catch(() => undefined).then(() => this.#begin());
    return this.#next;
  }

  #begin(): Promise<void> {
    this.#next = undefined;
    const current = this.#read().finally(() => {
      if (this.#current === current) this.#current = undefined;
    });
    this.#current = current;
    return current;
  }
}
