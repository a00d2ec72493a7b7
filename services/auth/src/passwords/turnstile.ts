import { limitedAddress } from '@gatehouse/limits';
import { authErrors } from '../common/errors.ts';

/** Runs work when its turn has come. @throws auth.busy when there is no place left to wait. */
export type Turnstile = <R>(address: string, work: () => Promise<R>) => Promise<R>;

interface Waiting {
  readonly enter: () => void;
  readonly turnAway: () => void;
}

const RETRY_AFTER_SECONDS = 1;

/**
 * Lets a few in at once and makes a few wait, by addresses: those who wait are served in turn, one of each
 * address (IPv6: of each /64). When all places are taken, the last of the address that holds most of them
 * makes room, unless that is the address that asks. So one address that asks for very much takes places
 * from itself alone.
 */
export function createTurnstile(concurrency: number, maxWaiting: number): Turnstile {
  const queue = new FairQueue(maxWaiting);
  let running = 0;
  return async (address, work) => {
    if (running < concurrency) running += 1;
    // Whoever leaves hands its place over, so that the count stays.
    else await queue.wait(limitedAddress(address));
    try {
      return await work();
    } finally {
      const next = queue.next();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

class FairQueue {
  readonly #most: number;
  /** By address; the first is the one whose turn it is. */
  readonly #waiting = new Map<string, Waiting[]>();
  #count = 0;

  constructor(most: number) {
    this.#most = most;
  }

  wait(key: string): Promise<void> {
    if (this.#count >= this.#most) this.#makeRoomFor(key);
    return new Promise((enter, reject) => {
      const turnAway = () => reject(busy());
      const own = this.#waiting.get(key);
      if (own === undefined) this.#waiting.set(key, [{ enter, turnAway }]);
      else own.push({ enter, turnAway });
      this.#count += 1;
    });
  }

  next(): (() => void) | undefined {
    const [first] = this.#waiting;
    if (first === undefined) return undefined;
    const [key, own] = first;
    const next = own.shift();
    this.#count -= 1;
    this.#waiting.delete(key);
    // To the end of the row.
    if (own.length > 0) this.#waiting.set(key, own);
    return next?.enter;
  }

  #makeRoomFor(key: string): void {
    const asks = this.#waiting.get(key)?.length ?? 0;
    let largest: readonly [string, Waiting[]] | undefined;
    for (const entry of this.#waiting) {
      if (entry[1].length > (largest?.[1].length ?? 0)) largest = entry;
    }
    if (largest === undefined || largest[1].length <= asks + 1) throw busy();
    largest[1].pop()?.turnAway();
    this.#count -= 1;
  }
}

function busy() {
  return authErrors.BUSY({ retryAfterSeconds: RETRY_AFTER_SECONDS });
}
