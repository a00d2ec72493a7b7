/** The key-encryption keys, and what is sealed under them. */
import { generateSigningKeyAsync } from '@gatehouse/tokens';
import { open, seal } from '../common/sealing.ts';
import type { Db } from '../database.ts';
import type { KeyPurpose, StoredKey } from './rules.ts';
import * as signingKeys from './store.ts';

const CANARY = 'gatehouse key-encryption key';
const ALGORITHMS = { access: 'RS256', passport: 'ES256' } as const;

/** A key pair that was just made. */
export interface NewKey {
  readonly kid: string;
  readonly alg: StoredKey['alg'];
  readonly publicKeySpki: Buffer;
  /** PKCS #8, in clear: a secret. */
  readonly privatePkcs8: Buffer;
}

export interface KeyEncryptionOptions {
  /** Reads the key-encryption keys, the newest first. @throws ConfigError */
  readonly readKeys: () => readonly Buffer[];
  /** Makes the error for a database that was sealed with none of them. */
  readonly wrongKey: () => Error;
}

/**
 * Seals and opens private keys.
 *
 * Several key-encryption keys may be known at a time; what the database is sealed with is the one that
 * opens its canary. A new one takes its place by {@link rewrap} alone, so that replicas whose file
 * is older go on meanwhile.
 */
export class KeyEncryption {
  readonly #options: KeyEncryptionOptions;
  #keys: readonly Buffer[];

  /** @throws ConfigError when the file is invalid. */
  constructor(options: KeyEncryptionOptions) {
    this.#options = options;
    this.#keys = options.readKeys();
  }

  /** Makes a key pair. Takes no core for long: an RSA key is made on another thread. */
  async make(purpose: KeyPurpose): Promise<NewKey> {
    const { kid, alg, publicKey, privateKey } = await generateSigningKeyAsync(ALGORITHMS[purpose]);
    return {
      kid,
      alg,
      publicKeySpki: publicKey.export({ format: 'der', type: 'spki' }),
      privatePkcs8: privateKey.export({ format: 'der', type: 'pkcs8' }),
    };
  }

  /** Under the key-encryption key that the database is sealed with now. Call it under `hold`. */
  async seal(tx: Db, { kid, privatePkcs8 }: NewKey): Promise<Buffer> {
    const key = await this.current(tx);
    return seal(key, { plain: privatePkcs8, purpose: purposeOf(kid) });
  }

  /**
   * The private half of a stored key, PKCS #8. The file is read again when no known key fits.
   *
   * @throws Error when none of the file does, or it was erased.
   */
  unseal({ kid, sealedPrivate }: Pick<StoredKey, 'kid' | 'sealedPrivate'>): Buffer {
    if (sealedPrivate === undefined) throw new Error('the private key was erased');
    return this.#open({ sealed: sealedPrivate, purpose: purposeOf(kid) }).plain;
  }

  /**
   * The key that the database is sealed with; the newest, for a database that is new.
   *
   * @throws what `wrongKey` makes.
   */
  async current(tx: Db): Promise<Buffer> {
    const canary = await signingKeys.canary(tx);
    if (canary === undefined) {
      await signingKeys.putCanary(tx, seal(this.#newest, CANARY_SECRET));
      return this.#newest;
    }
    try {
      return this.#open({ sealed: canary, purpose: CANARY }).key;
    } catch {
      throw this.#options.wrongKey();
    }
  }

  /**
   * Seals everything under the newest key-encryption key of the file, which is read again. Call it
   * under `hold`, in a transaction: all of it, or nothing.
   *
   * @returns how many private keys were sealed again.
   */
  async rewrap(tx: Db): Promise<number> {
    this.#keys = this.#options.readKeys();
    await this.current(tx);
    const newest = this.#newest;
    let count = 0;
    for (const { kid, sealedPrivate } of await signingKeys.list(tx)) {
      if (sealedPrivate === undefined) continue;
      const purpose = purposeOf(kid);
      const { plain } = this.#open({ sealed: sealedPrivate, purpose });
      await signingKeys.reseal(tx, kid, seal(newest, { plain, purpose }));
      count += 1;
    }
    await signingKeys.putCanary(tx, seal(newest, CANARY_SECRET));
    return count;
  }

  get #newest(): Buffer {
    const [newest] = this.#keys;
    if (newest === undefined) throw new Error('there is no key-encryption key');
    return newest;
  }

  #open(secret: { readonly sealed: Buffer; readonly purpose: string }): Opened {
    const opened = openWith(this.#keys, secret);
    if (opened !== undefined) return opened;
    this.#keys = this.#options.readKeys();
    const second = openWith(this.#keys, secret);
    if (second === undefined) throw new Error('sealed under another key-encryption key');
    return second;
  }
}

interface Opened {
  readonly plain: Buffer;
  readonly key: Buffer;
}

const CANARY_SECRET = { plain: Buffer.from(CANARY), purpose: CANARY };

function openWith(
  keys: readonly Buffer[],
  secret: { readonly sealed: Buffer; readonly purpose: string },
): Opened | undefined {
  for (const key of keys) {
    try {
      return { plain: open(key, secret), key };
    } catch {
      // Another key's; AES-GCM tells by its tag.
    }
  }
  return undefined;
}

// Bound to its kid: a sealed key cannot be put in the place of another one.
function purposeOf(kid: string): string {
  return `gatehouse signing key ${kid}`;
}
