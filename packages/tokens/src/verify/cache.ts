/** What is looked up by: to hash all of a token takes longer than all else here. */
const TAIL_CHARACTERS = 64;

interface Entry<V> {
  /** All of it: the tail finds an entry, and only this says that it is the one. */
  readonly token: string;
  readonly value: V;
}

/**
 * A bounded map from whole tokens to what was verified of them.
 *
 * Whether an entry is still good (expiry, key, revocations) is asked by the verifier at each hit.
 *
 * Found by a token's last characters, which are of its signature, and compared as a whole. What is put
 * in was verified, so nobody can choose tokens that meet there.
 *
 * Two generations instead of a list of uses: a hit in the older one moves the entry to the younger,
 * and when the younger is full it becomes the older. So what is in use stays, a hit costs one or two
 * look-ups, and nothing is ever scanned.
 */
export class TokenCache<V> {
  readonly #perGeneration: number;
  #young = new Map<string, Entry<V>>();
  #old = new Map<string, Entry<V>>();

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
    if (this.#young.size === 0 && this.#old.size === 0) return undefined;
    const tail = token.slice(-TAIL_CHARACTERS);
    const young = this.#young.get(tail);
    if (young !== undefined) return young.token === token ? young.value : undefined;
    const old = this.#old.get(tail);
    if (old?.token !== token) return undefined;
    this.#old.delete(tail);
    this.#add(tail, old);
    return old.value;
  }

  set(token: string, value: V): void {
    if (this.#perGeneration === 0) return;
    // A token cut out of a request's head would keep the whole head in memory: copy it.
    const copy = Buffer.from(token, 'latin1').toString('latin1');
    const tail = copy.slice(-TAIL_CHARACTERS);
    this.#old.delete(tail);
    this.#add(tail, { token: copy, value });
  }

  delete(token: string): void {
    const tail = token.slice(-TAIL_CHARACTERS);
    if (this.#young.get(tail)?.token === token) this.#young.delete(tail);
    else if (this.#old.get(tail)?.token === token) this.#old.delete(tail);
  }

  #add(tail: string, entry: Entry<V>): void {
    if (this.#young.size >= this.#perGeneration && !this.#young.has(tail)) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(tail, entry);
  }
}
