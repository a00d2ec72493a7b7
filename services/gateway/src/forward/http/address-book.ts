/** The addresses of one upstream: as written, or what their names stand for now. */
import { type LookupAddress, lookup as lookupAll } from 'node:dns';
import { isIP } from 'node:net';
import { Balancer } from '@gatehouse/balance';
import type { UpstreamSettings } from '../../route/http-route.ts';
import type { Address } from './address.ts';
import type { Target } from './connection.ts';
import { HealthCheck } from './health-check.ts';
import { Pool } from './pool.ts';
import type { Sweeper, Watched } from './sweeper.ts';
import { UpstreamTls } from './upstream-tls.ts';

/** All addresses of a host name; rejects when there is none. */
export type Lookup = (host: string) => Promise<readonly LookupAddress[]>;

/** One address with what belongs to it. */
interface Entry {
  readonly address: Address;
  readonly check: HealthCheck | undefined;
}

/** One member of `addresses` in the settings. */
interface Place {
  readonly host: string;
  readonly port: number;
  /** By what is connected to: an IP address, or the name. */
  readonly entries: Map<string, Entry>;
}

const LOOKUP_EVERY_MS = 10_000;

/** What the system says: `/etc/hosts`, then DNS. */
export const systemLookup: Lookup = (host) =>
  new Promise((resolve, reject) => {
    lookupAll(host, { all: true }, (error, found) => (error ? reject(error) : resolve(found)));
  });

/**
 * A name that has several addresses of one family is all of them, each with its own connections and
 * health; every ten seconds it is looked up again. Of a name with one address, or one of each family,
 * the system's own order is used for each new connection. While a look-up fails, what was found before
 * stays.
 */
export class AddressBook implements Watched {
  watchedAt = -1;
  readonly #settings: UpstreamSettings;
  readonly #sweeper: Sweeper;
  readonly #lookup: Lookup;
  readonly #tls: UpstreamTls | undefined;
  readonly #places: readonly Place[];
  /** Of those that may get requests now. Never empty. */
  readonly balancer: Balancer<Address>;
  #lookedMs: number;
  #drained = false;

  /** @throws Error when a file that TLS needs cannot be read. */
  constructor(settings: UpstreamSettings, sweeper: Sweeper, lookup: Lookup) {
    this.#settings = settings;
    this.#sweeper = sweeper;
    this.#lookup = lookup;
    this.balancer = new Balancer({
      clock: { nowMs: () => sweeper.nowMs },
      ejection: { ...settings.health.passive, slowStartMs: settings.slowStartMs },
      sparesLast: true,
    });
    this.#tls =
      settings.tls === undefined
        ? undefined
        : new UpstreamTls(settings.tls, sweeper, () => this.#renew());
    this.#places = settings.addresses.map(({ host, port }) => {
      const place: Place = { host, port, entries: new Map() };
      place.entries.set(host, this.#entry(place, host));
      return place;
    });
    this.#lookedMs = sweeper.nowMs;
    this.#collect();
    if (this.#places.some(isNamed)) {
      sweeper.add(this);
      this.#lookAll();
    }
  }

  /** Checks and looks up no more, and keeps no idle connection. */
  drain(): void {
    this.#drained = true;
    this.#sweeper.remove(this);
    this.#tls?.close();
    for (const { entries } of this.#places) for (const entry of entries.values()) leave(entry);
  }

  onTick(nowMs: number): void {
    if (nowMs - this.#lookedMs < LOOKUP_EVERY_MS) return;
    this.#lookedMs = nowMs;
    this.#lookAll();
  }

  #lookAll(): void {
    for (const place of this.#places) {
      if (!isNamed(place)) continue;
      this.#lookup(place.host).then(
        (found) => this.#onFound(place, found),
        () => undefined,
      );
    }
  }

  #onFound(place: Place, found: readonly LookupAddress[]): void {
    if (this.#drained) return;
    const wanted = new Set(targetsOf(place.host, found));
    for (const [host, entry] of place.entries) {
      if (wanted.has(host)) continue;
      place.entries.delete(host);
      leave(entry);
    }
    for (const host of wanted) {
      if (!place.entries.has(host)) place.entries.set(host, this.#entry(place, host));
    }
    this.#collect();
  }

  #collect(): void {
    const entries = this.#places.flatMap((place) => [...place.entries.values()]);
    this.balancer.setTargets(entries.map(({ address }) => address));
  }

  #renew(): void {
    for (const { target } of this.balancer.endpoints) target.pool.renew();
  }

  #entry(place: Place, host: string): Entry {
    const settings = this.#settings;
    const sweeper = this.#sweeper;
    const authority = authorityOf(place.host, place.port);
    const target = (): Target => ({
      plain: { host, port: place.port },
      tls: this.#tls?.optionsFor(place.host),
    });
    const { maxConnectionsPerAddress: maxConnections, keepAliveMs } = settings;
    const address: Address = {
      label: host === place.host ? authority : `${authority} (${host})`,
      pool: new Pool({ target, maxConnections, keepAliveMs, sweeper }),
      lastError: undefined,
    };
    const { active } = settings.health;
    if (active === undefined) return { address, check: undefined };
    const onHealth = (healthy: boolean): void =>
      this.balancer.endpoints.find((each) => each.target === address)?.setHealthy(healthy);
    return {
      address,
      check: new HealthCheck({ settings: active, authority, target, sweeper, onHealth }),
    };
  }
}

function isNamed({ host }: Place): boolean {
  return isIP(host) === 0;
}

function targetsOf(host: string, found: readonly LookupAddress[]): readonly string[] {
  const ofFamily = (wanted: number): readonly string[] =>
    found.filter(({ family }) => family === wanted).map(({ address }) => address);
  const four = ofFamily(4);
  const six = ofFamily(6);
  if (four.length > 1) return four;
  return six.length > 1 && four.length === 0 ? six : [host];
}

function authorityOf(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function leave({ address, check }: Entry): void {
  check?.close();
  address.pool.drain();
}
