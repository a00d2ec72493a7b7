/** Which address of an upstream gets the next request. */
import type { Address } from './address.ts';

/**
 * The address with the fewest requests under way; of several, each in its turn.
 *
 * One that came back lately is considered for a part of the requests only, which rises to all of
 * them. Where none is well, all are used: a check that is wrong, or a fault that all of them have,
 * must not take the upstream away.
 */
export class Balancer {
  readonly #random: () => number;
  #turn = -1;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /**
   * @param tried - addresses to leave out.
   * @returns undefined when none is left.
   */
  pick(
    addresses: readonly Address[],
    nowMs: number,
    tried?: ReadonlySet<Address>,
  ): Address | undefined {
    const isFree = (each: Address): boolean => tried === undefined || !tried.has(each);
    const isWell = (each: Address): boolean => isFree(each) && each.isWell(nowMs);
    const draws = (each: Address): boolean => isWell(each) && this.#draws(each, nowMs);
    return (
      this.#fewest(addresses, draws) ??
      this.#fewest(addresses, isWell) ??
      this.#fewest(addresses, isFree)
    );
  }

  #fewest(
    addresses: readonly Address[],
    isCandidate: (address: Address) => boolean,
  ): Address | undefined {
    let chosen: Address | undefined;
    let chosenIndex = 0;
    for (let step = 1; step <= addresses.length; step += 1) {
      const index = (this.#turn + step) % addresses.length;
      const each = addresses[index] as Address;
      if (chosen !== undefined && each.inFlight >= chosen.inFlight) continue;
      if (!isCandidate(each)) continue;
      chosen = each;
      chosenIndex = index;
    }
    if (chosen !== undefined) this.#turn = chosenIndex;
    return chosen;
  }

  #draws(address: Address, nowMs: number): boolean {
    const share = address.share(nowMs);
    return share === 1 || this.#random() < share;
  }
}
