/**
 * A bounded map from whole tokens to what was verified of them.
 *
 * Two generations instead of a list of uses: a hit in the older one moves the entry to the younger,
 * and when the younger is full it becomes the older. So what is in use stays, a hit costs one or two
 * look-ups, and nothing is ever scanned.
 */
export class TokenCache<V> {
  readonly #perGeneration: number;
  #young = new Map<string, V>();
  #old = new Map<string, V>();

  /**
   * @param maxEntries - most entries of both generations together; under 2 keeps nothing.
   * @throws RangeError when that is not a whole number from 0.
   */
  constructor(maxEntries: number) {
    if (!Number.isSafeInteger(maxEntries) || maxEntries < 0) {
      throw new RangeError('a cache has a whole number of entries');
    }
    this.#perGeneration = Math.floor(maxEntries / 2);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(token: string): V | undefined {
    // To look a token up is to hash all of it.
    if (this.#young.size === 0 && this.#old.size === 0) return undefined;
    const young = this.#young.get(token);
    if (young !== undefined) return young;
    const old = this.#old.get(token);
    if (old === undefined) return undefined;
    this.#old.delete(token);
    this.#add(token, old);
    return old;
  }

  set(token: string, value: V): void {
    if (this.#perGeneration === 0) return;
    this.#old.delete(token);
    // A token cut out of a request's head would keep the whole head in memory: copy it.
    this.#add(Buffer.from(token, 'latin1').toString('latin1'), value);
  }

  delete(token: string): void {
    if (!this.#young.delete(token)) this.#old.delete(token);
  }

  #add(token: string, value: V): void {
    if (this.#young.size >= this.#perGeneration && !this.#young.has(token)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(token, value);
  }
}
