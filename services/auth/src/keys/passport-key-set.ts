import { createPublicKey } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Clock,
  type JwkSet,
  type KeySource,
  toPublicJwk,
  type VerificationKey,
} from '@gatehouse/tokens';
import { nowOf } from '../common/base.ts';
import { LIFETIMES, secondsAfter } from '../common/lifetimes.ts';
import { LatestRead } from './latest-read.ts';
import type { PassportKeyRow } from './passport-key-store.ts';

/** Auth's own published passport keys, bound to its identity. */
export interface OwnPassportKeys {
  find(kid: string): VerificationKey | undefined;
  list(): readonly VerificationKey[];
  reload(): Promise<void>;
}

export interface PassportKeySetOptions {
  readonly own: OwnPassportKeys;
  /** The keys whose lease ended no earlier than a moment. */
  readonly listLeasedSince: (since: Date) => Promise<readonly PassportKeyRow[]>;
  readonly clock: Clock;
}

// What another replica has and this one has not yet: the feed brings it within 250 ms.
const REFRESH_COOLDOWN_MS = 250;
const DOCUMENT_WAIT_MS = 1000;

/**
 * The keys that sign passports: auth's own, which the key ring has, and those that gateways have leased.
 *
 * Read from the database: at each start, after each registration, when the feed says so, and once
 * in a while for leases that ran out. While the database is unavailable the last valid set stays, leases
 * and all: to forget the gateways' keys would end the service of everyone, and no gateway could
 * register again.
 */
export class PassportKeySet implements KeySource {
  readonly ready = true;
  readonly #options: PassportKeySetOptions;
  #leased: ReadonlyMap<string, VerificationKey> = new Map();
  #lastRefreshFailed = false;
  #refreshedAtMs = Number.NEGATIVE_INFINITY;
  readonly #reads = new LatestRead(() => this.#load());

  constructor(options: PassportKeySetOptions) {
    this.#options = options;
  }

  get lastRefreshFailed(): boolean {
    return this.#lastRefreshFailed;
  }

  find(kid: string): VerificationKey | undefined {
    return this.#options.own.find(kid) ?? this.#leased.get(kid);
  }

  async refresh(): Promise<void> {
    const nowMs = this.#options.clock.nowMs();
    const isCooling = nowMs - this.#refreshedAtMs < REFRESH_COOLDOWN_MS;
    if (!isCooling) this.#refreshedAtMs = nowMs;
    // Whoever comes during the cool-down may still wait for what is under way.
    const reading = isCooling ? this.#reads.current : this.reload();
    await reading?.catch(() => undefined);
  }

  /**
   * Reloads the keys, the own ones too. What was committed before the call is in the set when it
   * resolves.
   *
   * @throws when the database is unavailable; the set stays as it is.
   */
  reload(): Promise<void> {
    return this.#reads.again();
  }

  /** Resolves when the set is as the database has it now, or when that takes longer than a second. */
  async refreshed(): Promise<void> {
    const slow = delay(DOCUMENT_WAIT_MS, undefined, { ref: false });
    await Promise.race([this.reload().catch(() => undefined), slow]);
  }

  /** The document for `/.well-known/txn-jwks.json`: {@link refreshed}, or as it was last seen. */
  async document(): Promise<JwkSet> {
    await this.refreshed();
    const keys = [...this.#options.own.list(), ...this.#leased.values()];
    return {
      keys: keys.map(({ kid, alg, key, issuer }) =>
        toPublicJwk({ kid, alg, publicKey: key }, issuer === undefined ? {} : { iss: issuer }),
      ),
    };
  }

  async #load(): Promise<void> {
    const { own, listLeasedSince, clock } = this.#options;
    const since = secondsAfter(nowOf(clock), -LIFETIMES.passportSeconds);
    try {
      const [rows] = await Promise.all([listLeasedSince(since), own.reload()]);
      // The same object for as long as a key stays: cached passports hang on it.
      this.#leased = new Map(rows.map((row) => [row.kid, this.#leased.get(row.kid) ?? keyOf(row)]));
      this.#lastRefreshFailed = false;
    } catch (error) {
      this.#lastRefreshFailed = true;
      throw error;
    }
  }
}

function keyOf({ kid, issuer, publicKeySpki }: PassportKeyRow): VerificationKey {
  const key = createPublicKey({ key: publicKeySpki, format: 'der', type: 'spki' });
  return Object.freeze({ kid, alg: 'ES256', key, issuer });
}
