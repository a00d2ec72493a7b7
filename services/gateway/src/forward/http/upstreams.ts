/** All upstreams of `gateway.yaml`, through its reloads. */
import { isDeepStrictEqual } from 'node:util';
import type { UpstreamSettings } from '../../route/http-route.ts';
import { type Lookup, systemLookup } from './address-book.ts';
import { createSweeper, type Sweeper } from './sweeper.ts';
import { Upstream } from './upstream.ts';
import type { UpstreamClient, UpstreamState, Upstreams } from './upstream-client.ts';

/** What upstreams go by. */
export interface UpstreamsOptions {
  /** Default: one of the machine's own monotonic clock. */
  readonly sweeper?: Sweeper;
  /** Default: what the system says. */
  readonly lookup?: Lookup;
}

/** Begins without any; see `update`. */
export function createUpstreams(options: UpstreamsOptions = {}): Upstreams {
  const { sweeper = createSweeper(), lookup = systemLookup } = options;
  return new LiveUpstreams((settings) => new Upstream(settings, sweeper, lookup));
}

class LiveUpstreams implements Upstreams {
  readonly #create: (settings: UpstreamSettings) => Upstream;
  readonly #current = new Map<string, Upstream>();
  /** What the last reload took away without a successor: requests that began before may still come. */
  readonly #former = new Map<string, Upstream>();
  readonly #draining = new Set<Upstream>();

  constructor(create: (settings: UpstreamSettings) => Upstream) {
    this.#create = create;
  }

  client(name: string): UpstreamClient {
    const upstream = this.#current.get(name) ?? this.#former.get(name);
    if (upstream === undefined) throw new Error('there is no such upstream');
    return upstream;
  }

  update(settings: ReadonlyMap<string, UpstreamSettings>): void {
    const fresh = this.#createWhatIsNew(settings);
    this.#former.clear();
    for (const [name, upstream] of this.#current) {
      if (settings.has(name) && !fresh.has(name)) continue;
      this.#current.delete(name);
      if (!settings.has(name)) this.#former.set(name, upstream);
      this.#drain(upstream);
    }
    for (const [name, upstream] of fresh) this.#current.set(name, upstream);
  }

  #createWhatIsNew(settings: ReadonlyMap<string, UpstreamSettings>): ReadonlyMap<string, Upstream> {
    const fresh = new Map<string, Upstream>();
    try {
      for (const [name, each] of settings) {
        if (isDeepStrictEqual(each, this.#current.get(name)?.settings)) continue;
        fresh.set(name, this.#create(each));
      }
    } catch (fault) {
      for (const upstream of fresh.values()) upstream.drain();
      throw fault;
    }
    return fresh;
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
