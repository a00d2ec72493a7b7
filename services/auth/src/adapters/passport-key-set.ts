import { createPublicKey } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Clock,
  type JwkSet,
  type KeySource,
  type SigningKey,
  toPublicJwk,
  type VerificationKey,
} from '@gatehouse/tokens';
import type { PassportKeyRecords, PassportKeyRow } from '../application/ports.ts';
import { LIFETIMES, secondsAfter } from '../domain/lifetimes.ts';

export interface PassportKeySetOptions {
  readonly own: SigningKey;
  /** SPIFFE ID of auth, to which its own key is bound. */
  readonly ownIssuer: string;
  readonly records: PassportKeyRecords;
  readonly clock: Clock;
}

// Only news that another copy has and this one has not yet: the feed brings it within 250 ms.
const REFRESH_COOLDOWN_MS = 250;
const DOCUMENT_WAIT_MS = 1000;

/**
 * The keys that sign passports: auth's own, and those that gateways have leased.
 *
 * Read from the database: at each start, after each registration, when the feed says so, and once
 * in a while for leases that ran out. While the database is away the last good set stays, leases
 * and all: to forget the gateways' keys would end the service of everyone, and no gateway could
 * register again.
 */
export class PassportKeySet implements KeySource {
  readonly ready = true;
  readonly #options: PassportKeySetOptions;
  readonly #own: VerificationKey;
  #leased: ReadonlyMap<string, VerificationKey> = new Map();
  #lastRefreshFailed = false;
  #refreshedAtMs = Number.NEGATIVE_INFINITY;
  #begun = 0;
  #applied = 0;
  #loading: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(options: PassportKeySetOptions) {
    this.#options = options;
    const { kid, alg, publicKey } = options.own;
    this.#own = Object.freeze({ kid, alg, key: publicKey, issuer: options.ownIssuer });
  }

  get lastRefreshFailed(): boolean {
    return this.#lastRefreshFailed;
  }

  find(kid: string): VerificationKey | undefined {
    return kid === this.#own.kid ? this.#own : this.#leased.get(kid);
  }

  async refresh(): Promise<void> {
    const nowMs = this.#options.clock.nowMs();
    const isCooling = nowMs - this.#refreshedAtMs < REFRESH_COOLDOWN_MS;
    if (!isCooling) this.#refreshedAtMs = nowMs;
    // Whoever comes during the cool-down may still wait for what is under way.
    const reading = isCooling ? this.#loading : this.reload();
    await reading?.catch(() => undefined);
  }

  /**
   * Reads the keys anew. What was committed before the call is in the set when it resolves: a read
   * that is under way may have begun earlier, so that everyone who comes meanwhile waits for one
   * more, together.
   *
   * @throws when the database is away; the set stays as it is.
   */
  reload(): Promise<void> {
    if (this.#loading === undefined) return this.#begin();
    this.#next ??= this.#loading.catch(() => undefined).then(() => this.#begin());
    return this.#next;
  }

  /**
   * The document for `/.well-known/txn-jwks.json`: as the database has it now, or, when it does not
   * answer within a second, as it was last seen.
   */
  async document(): Promise<JwkSet> {
    const slow = delay(DOCUMENT_WAIT_MS, undefined, { ref: false });
    await Promise.race([this.reload().catch(() => undefined), slow]);
    const keys = [this.#own, ...this.#leased.values()];
    return {
      keys: keys.map(({ kid, alg, key, issuer }) =>
        toPublicJwk({ kid, alg, publicKey: key }, issuer === undefined ? {} : { iss: issuer }),
      ),
    };
  }

  #begin(): Promise<void> {
    this.#next = undefined;
    const loading = this.#load().finally(() => {
      if (this.#loading === loading) this.#loading = undefined;
    });
    this.#loading = loading;
    return loading;
  }

  async #load(): Promise<void> {
    const { records, clock } = this.#options;
    const since = secondsAfter(new Date(clock.nowMs()), -LIFETIMES.passportSeconds);
    this.#begun += 1;
    const order = this.#begun;
    try {
      const rows = await records.listLeasedSince(since);
      // Overtaken by a later read: what this one saw is older.
      if (order < this.#applied) return;
      this.#applied = order;
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
