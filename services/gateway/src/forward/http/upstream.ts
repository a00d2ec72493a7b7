/** One upstream: its addresses, what its repeats may cost, and the requests under way. */
import type { UpstreamSettings } from '../../routes/http-route.ts';
import type { Address } from './address.ts';
import { AddressBook, type Lookup } from './address-book.ts';
import { Balancer } from './balancer.ts';
import { Dispatch, type DispatchHost } from './dispatch.ts';
import { createRetryBudget, type RetryBudget } from './retry-budget.ts';
import type { Sweeper } from './sweeper.ts';
import type {
  Exchange,
  UpstreamClient,
  UpstreamHandler,
  UpstreamRequest,
  UpstreamState,
} from './upstream-client.ts';

/** An upstream in use. */
export class Upstream implements UpstreamClient, DispatchHost {
  readonly settings: UpstreamSettings;
  readonly sweeper: Sweeper;
  readonly budget: RetryBudget;
  readonly #addresses: AddressBook;
  readonly #balancer = new Balancer();
  #underWay = 0;
  readonly #onQuiet = new Set<() => void>();

  /** @throws Error when a file that TLS needs cannot be read. */
  constructor(settings: UpstreamSettings, sweeper: Sweeper, lookup: Lookup) {
    this.settings = settings;
    this.sweeper = sweeper;
    this.budget = createRetryBudget(settings.retryBudget, { nowMs: () => sweeper.nowMs });
    this.#addresses = new AddressBook(settings, sweeper, lookup);
  }

  dispatch(request: UpstreamRequest, handler: UpstreamHandler): Exchange {
    const dispatch = new Dispatch(this, request, handler);
    this.#underWay += 1;
    dispatch.begin();
    return dispatch;
  }

  pick(tried: ReadonlySet<Address> | undefined): Address | undefined {
    return this.#balancer.pick(this.#addresses.all, this.sweeper.nowMs, tried);
  }

  onDone(): void {
    this.#underWay -= 1;
    if (this.#underWay > 0 || this.#onQuiet.size === 0) return;
    for (const tell of this.#onQuiet) tell();
    this.#onQuiet.clear();
  }

  state(): UpstreamState {
    const { nowMs } = this.sweeper;
    return {
      name: this.settings.name,
      addresses: this.#addresses.all.map((address) => address.state(nowMs)),
    };
  }

  /** Keeps no connection any longer than its request. Requests are still taken. */
  drain(): void {
    this.#addresses.drain();
  }

  /** Settled when nothing is under way. */
  quiet(): Promise<void> {
    if (this.#underWay === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onQuiet.add(resolve));
  }

  /** Ends what is under way; the clients are told. */
  breakOff(): void {
    for (const each of this.sweeper.all()) {
      if (each instanceof Dispatch && each.host === this) each.breakOff();
    }
    this.drain();
  }
}
