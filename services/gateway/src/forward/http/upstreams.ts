/** All upstreams of `gateway.yaml`, through its reloads. */
import { isDeepStrictEqual } from 'node:util';
import type { UpstreamSettings } from '../../routes/http-route.ts';
import { createSweeper, type Sweeper } from './sweeper.ts';
import { Upstream } from './upstream.ts';
import type { UpstreamClient, UpstreamState, Upstreams } from './upstream-client.ts';

/** What upstreams go by. */
export interface UpstreamsOptions {
  /** Default: one of the machine's own monotonic clock. */
  readonly sweeper?: Sweeper;
}

/** Begins without any; see `update`. */
export function createUpstreams(options: UpstreamsOptions = {}): Upstreams {
  return new LiveUpstreams(options.sweeper ?? createSweeper());
}

class LiveUpstreams implements Upstreams {
  readonly #sweeper: Sweeper;
  readonly #current = new Map<string, Upstream>();
  /** What the last reload took away without a successor: requests that began before may still come. */
  readonly #former = new Map<string, Upstream>();
  readonly #draining = new Set<Upstream>();

  constructor(sweeper: Sweeper) {
    this.#sweeper = sweeper;
  }

  client(name: string): UpstreamClient {
    const upstream = this.#current.get(name) ?? this.#former.get(name);
    if (upstream === undefined) throw new Error('there is no such upstream');
    return upstream;
  }

  update(settings: ReadonlyMap<string, UpstreamSettings>): void {
    this.#former.clear();
    for (const [name, upstream] of this.#current) {
      const wanted = settings.get(name);
      if (isDeepStrictEqual(wanted, upstream.settings)) continue;
      this.#current.delete(name);
      if (wanted === undefined) this.#former.set(name, upstream);
      this.#drain(upstream);
    }
    for (const [name, each] of settings) {
      if (this.#current.has(name)) continue;
      this.#current.set(name, new Upstream(each, this.#sweeper));
    }
  }

  states(): readonly UpstreamState[] {
    return [...this.#current.values()].map((upstream) => upstream.state());
  }

  async close(graceMs: number): Promise<void> {
    for (const upstream of this.#current.values()) this.#drain(upstream);
    const quiet = Promise.all([...this.#draining].map((upstream) => upstream.quiet()));
    if (await within(quiet, graceMs)) return;
    for (const upstream of this.#draining) upstream.breakOff();
  }

  #drain(upstream: Upstream): void {
    upstream.drain();
    this.#draining.add(upstream);
    void upstream.quiet().then(() => this.#draining.delete(upstream));
  }
}

function within(work: Promise<unknown>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    void work.then(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
