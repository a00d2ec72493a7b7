/** One upstream: its addresses, what its retries may cost, and the requests in flight. */
import { createRetryBudget, type Endpoint, type RetryBudget } from '@gatehouse/balance';
import type { UpstreamSettings } from '../../route/http-route.ts';
import { type Address, stateOf } from './address.ts';
import { AddressBook, type Lookup } from './address-book.ts';
import { Dispatch, type DispatchHost } from './dispatch.ts';
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

  next(tried: ReadonlySet<Address> | undefined): Endpoint<Address> | undefined {
    return this.#addresses.balancer.next(tried);
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
      addresses: this.#addresses.balancer.endpoints.map((each) => stateOf(each, nowMs)),
    };
  }

  /** Keeps no connection any longer than its request. Requests are still taken. */
  drain(): void {
    this.#addresses.drain();
  }

  /** Settled when nothing is in flight. */
  quiet(): Promise<void> {
    if (this.#underWay === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onQuiet.add(resolve));
  }

  /** Ends what is in flight; the clients are told. */
  breakOff(): void {
    for (const each of this.sweeper.all()) {
      if (each instanceof Dispatch && each.host === this) each.breakOff();
    }
    this.drain();
  }
}
