/** Auth's own signing keys in memory: which one signs now, and which verify. */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import {
  type Clock,
  type JwkSet,
  type KeySource,
  type SigningKey,
  toPublicJwk,
  type VerificationKey,
} from '@gatehouse/tokens';
import { nowOf } from '../common/base.ts';
import type { AuthDatabase } from '../database.ts';
import type { KeyEncryption } from './encryption.ts';
import { LatestRead } from './latest-read.ts';
import type { OwnPassportKeys } from './passport-key-set.ts';
import { isPublished, KEY_PURPOSES, type KeyPurpose, placeKeys, type StoredKey } from './rules.ts';
import * as signingKeys from './store.ts';

export interface KeyRingOptions {
  readonly database: AuthDatabase;
  readonly encryption: KeyEncryption;
  /** SPIFFE ID of auth, to which its passport keys are bound. */
  readonly identity: string;
  readonly clock: Clock;
}

interface HeldKey {
  readonly stored: StoredKey;
  readonly verification: VerificationKey;
  /** Undefined for a key that signs no more. */
  readonly signing: SigningKey | undefined;
}

/** The keys of one purpose from a moment to the next at which one changes its state. */
interface View {
  readonly signing: SigningKey;
  readonly published: ReadonlyMap<string, VerificationKey>;
  readonly untilMs: number;
}

/**
 * Auth's signing keys, read from the database at the start, when the feed says so, and once in a while.
 * Each replica of auth changes from a key to the next by its own clock, at the moment that is in the
 * database.
 */
export class KeyRing {
  readonly #options: KeyRingOptions;
  readonly #reads = new LatestRead(() => this.#load());
  readonly #views = new Map<KeyPurpose, View>();
  #held: readonly HeldKey[] = [];
  #fault: unknown;

  private constructor(options: KeyRingOptions) {
    this.#options = options;
  }

  /**
   * Opens the signing keys, and makes those that are missing.
   *
   * @throws ConfigError, before anything is written, when no key-encryption key is the one with which
   *   this database was sealed.
   */
  static async open(options: KeyRingOptions): Promise<KeyRing> {
    const ring = new KeyRing(options);
    await ring.#makeMissing();
    await ring.reload();
    return ring;
  }

  /** RS256: signs access and service tokens at this moment; do not keep it. */
  get access(): SigningKey {
    return this.#view('access').signing;
  }

  /** ES256: signs passports in auth's own name at this moment; do not keep it. */
  get passport(): SigningKey {
    return this.#view('passport').signing;
  }

  /** Why the keys could not be opened when they were last read; undefined when they could. */
  get fault(): unknown {
    return this.#fault;
  }

  /** The published keys of a purpose, for verifiers of this process. */
  verification(purpose: KeyPurpose): KeySource {
    return {
      ready: true,
      find: (kid) => this.#view(purpose).published.get(kid),
      // Another replica may have published it a moment ago.
      refresh: () => this.reload().catch(() => undefined),
    };
  }

  /** Its part in the set of all passport keys. */
  get ownPassportKeys(): OwnPassportKeys {
    return {
      find: (kid) => this.#view('passport').published.get(kid),
      list: () => this.list('passport'),
      reload: () => this.reload(),
    };
  }

  list(purpose: KeyPurpose): readonly VerificationKey[] {
    return [...this.#view(purpose).published.values()];
  }

  /** The key set of a purpose, as it was last read. */
  jwks(purpose: KeyPurpose): JwkSet {
    const keys = this.list(purpose).map(({ kid, alg, key }) => ({ kid, alg, publicKey: key }));
    return { keys: keys.map((key) => toPublicJwk(key)) };
  }

  /** Reloads the keys. @throws when the database is unavailable or a key cannot be opened; nothing changes then. */
  reload(): Promise<void> {
    return this.#reads.again();
  }

  async #makeMissing(): Promise<void> {
    const { database, encryption, clock } = this.#options;
    // Made before, since work in a transaction may run twice and should be short. Mostly not needed.
    const known = await signingKeys.list(database.read);
    const wanting = KEY_PURPOSES.filter((purpose) => !known.some((key) => key.purpose === purpose));
    const made = await Promise.all(
      wanting.map(async (purpose) => ({ purpose, key: await encryption.make(purpose) })),
    );
    await database.transaction(async (tx) => {
      // Replicas that start together make one set.
      await signingKeys.hold(tx);
      await encryption.current(tx);
      const present = await signingKeys.list(tx);
      const now = nowOf(clock);
      for (const { purpose, key } of made) {
        if (present.some((each) => each.purpose === purpose)) continue;
        const sealedPrivate = await encryption.seal(tx, key);
        const { kid, alg, publicKeySpki } = key;
        const times = { createdAt: now, signsFrom: now, revokedAt: undefined };
        await signingKeys.insert(tx, { kid, alg, purpose, publicKeySpki, sealedPrivate, ...times });
      }
    });
  }

  async #load(): Promise<void> {
    const stored = await signingKeys.list(this.#options.database.read);
    try {
      this.#held = KEY_PURPOSES.flatMap((purpose) =>
        this.#holdAll(stored.filter((key) => key.purpose === purpose)),
      );
      this.#fault = undefined;
    } catch (fault) {
      this.#fault = fault;
      throw fault;
    }
    this.#views.clear();
  }

  #holdAll(stored: readonly StoredKey[]): readonly HeldKey[] {
    return placeKeys(stored, this.#now())
      .filter(({ state }) => isPublished(state))
      .map(({ key, state }) => this.#hold(key, state !== 'retiring'));
  }

  #hold(stored: StoredKey, signs: boolean): HeldKey {
    const before = this.#held.find((held) => held.stored.kid === stored.kid);
    // The same object for as long as a key stays: cached tokens hang on it.
    const verification = before?.verification ?? this.#verificationOf(stored);
    if (!signs) return { stored, verification, signing: undefined };
    return { stored, verification, signing: before?.signing ?? this.#signingOf(stored) };
  }

  #verificationOf({ kid, alg, purpose, publicKeySpki }: StoredKey): VerificationKey {
    const key = createPublicKey({ key: publicKeySpki, format: 'der', type: 'spki' });
    const binding = purpose === 'passport' ? { issuer: this.#options.identity } : {};
    return Object.freeze({ kid, alg, key, ...binding });
  }

  #signingOf(stored: StoredKey): SigningKey {
    const { kid, alg, publicKeySpki } = stored;
    const privatePkcs8 = this.#options.encryption.unseal(stored);
    return Object.freeze({
      kid,
      alg,
      privateKey: createPrivateKey({ key: privatePkcs8, format: 'der', type: 'pkcs8' }),
      publicKey: createPublicKey({ key: publicKeySpki, format: 'der', type: 'spki' }),
    });
  }

  #view(purpose: KeyPurpose): View {
    const known = this.#views.get(purpose);
    if (known !== undefined && this.#options.clock.nowMs() < known.untilMs) return known;
    const view = this.#viewNow(purpose);
    this.#views.set(purpose, view);
    return view;
  }

  #viewNow(purpose: KeyPurpose): View {
    const now = this.#now();
    const held = new Map(this.#held.map((each) => [each.stored.kid, each]));
    const stored = this.#held.map((each) => each.stored).filter((key) => key.purpose === purpose);
    const placed = placeKeys(stored, now);
    const kid = placed.find(({ state }) => state === 'signing')?.key.kid ?? '';
    const signing = held.get(kid)?.signing;
    if (signing === undefined) throw new Error(`no ${purpose} key signs`);
    const published = placed
      .filter(({ state }) => isPublished(state))
      .flatMap(({ key }) => held.get(key.kid)?.verification ?? []);
    const turns = placed.flatMap(({ key, publishedUntil }) => [key.signsFrom, publishedUntil]);
    const later = turns.flatMap((turn) =>
      turn !== undefined && turn > now ? [turn.getTime()] : [],
    );
    return {
      signing,
      published: new Map(published.map((key) => [key.kid, key])),
      untilMs: Math.min(...later, Number.POSITIVE_INFINITY),
    };
  }

  #now(): Date {
    return nowOf(this.#options.clock);
  }
}
