/** Whether and where a request is retried. */
import type { RetryBudget } from '@gatehouse/balance';
import type { Address } from './address.ts';
import type { Fault } from './faults.ts';

/**
 * `renewed`: at the same address, on a new connection. `elsewhere`: at an address that was not tried.
 * `anywhere`: there if possible, else where it was.
 */
export type Retry = 'renewed' | 'elsewhere' | 'anywhere';

/** Attempts of which the upstream saw nothing, for one request. */
const MAX_UNSEEN = 4;

/**
 * A request is sent again
 * - elsewhere, when no connection could be had for it, whatever its method;
 * - on a new connection, when its own had served before and was closed before a byte of a response:
 *   if the request is safe, or nothing of it was written;
 * - anywhere, when it was lost or had no response in time: if it is safe, within its retries and the
 *   upstream's budget.
 *
 * Not known here: whether a byte of its body was taken, or something of a response handed on.
 */
export class Attempts {
  readonly #safe: boolean;
  readonly #budget: RetryBudget;
  #retriesLeft: number;
  #unseenLeft = MAX_UNSEEN;
  #tried: Set<Address> | undefined;

  constructor(request: { safe: boolean; retries: number }, budget: RetryBudget) {
    this.#safe = request.safe;
    this.#retriesLeft = request.retries;
    this.#budget = budget;
  }

  /** Where it has failed already. */
  get tried(): ReadonlySet<Address> | undefined {
    return this.#tried;
  }

  /** @returns undefined: no retry. */
  after(fault: Fault, address: Address): Retry | undefined {
    switch (fault.kind) {
      case 'refused':
      case 'busy':
        this.#note(address);
        return this.#takeUnseen() ? 'elsewhere' : undefined;
      case 'stale':
        return (this.#safe || fault.unsent === true) && this.#takeUnseen() ? 'renewed' : undefined;
      case 'lost':
        this.#note(address);
        return this.#takeRetry() ? 'anywhere' : undefined;
      default:
        return undefined;
    }
  }

  #note(address: Address): void {
    this.#tried ??= new Set();
    this.#tried.add(address);
  }

  #takeUnseen(): boolean {
    this.#unseenLeft -= 1;
    return this.#unseenLeft >= 0;
  }

  #takeRetry(): boolean {
    if (!this.#safe || this.#retriesLeft <= 0 || !this.#budget.spend()) return false;
    this.#retriesLeft -= 1;
    return true;
  }
}
