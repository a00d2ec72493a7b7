/** What the use cases of keys need from outside. */
import type { KeyPurpose, KeyTimes } from './rules.ts';

/** The public half of a gateway's passport key. */
export interface PassportKeyRow {
  readonly kid: string;
  /** SPIFFE ID that it is bound to. */
  readonly issuer: string;
  readonly publicKeySpki: Buffer;
  readonly registeredAt: Date;
  readonly leaseExpiresAt: Date;
  readonly revokedAt: Date | undefined;
}

export interface PassportKeyRecords {
  hold(kid: string): Promise<PassportKeyRow | undefined>;
  upsert(row: PassportKeyRow, now: Date): Promise<void>;
  /** For good. @returns false when there is no such key that was not revoked before. */
  revoke(kid: string, now: Date): Promise<boolean>;
  /** Keys whose lease ended no earlier than `since`, and that were not revoked. */
  listLeasedSince(since: Date): Promise<readonly PassportKeyRow[]>;
  /** Whether the key is one of auth's own. */
  isOwn(kid: string): Promise<boolean>;
  /** @returns false when the proof was used before. */
  useProof(jti: string, expiresAt: Date): Promise<boolean>;
}

/** One of auth's own signing keys, as it is stored. */
export interface StoredKey extends KeyTimes {
  readonly alg: 'RS256' | 'ES256';
  readonly publicKeySpki: Buffer;
  /** Sealed under the key-encryption key; undefined once erased. */
  readonly sealedPrivate: Buffer | undefined;
}

export interface SigningKeyRecords {
  /** Takes the lock under which keys change, until the transaction ends: one copy at a time. */
  hold(): Promise<void>;
  list(): Promise<readonly StoredKey[]>;
  insert(key: StoredKey): Promise<void>;
  revoke(kids: readonly string[], now: Date): Promise<void>;
  /** Erases the private halves. */
  erase(kids: readonly string[]): Promise<void>;
  reseal(kid: string, sealedPrivate: Buffer): Promise<void>;
  /** A known text under the key-encryption key in force. */
  canary(): Promise<Buffer | undefined>;
  putCanary(sealed: Buffer): Promise<void>;
}

/** A key pair that was just made. */
export interface NewKey {
  readonly kid: string;
  readonly alg: StoredKey['alg'];
  readonly publicKeySpki: Buffer;
  /** PKCS #8, in clear: a secret. */
  readonly privatePkcs8: Buffer;
}

/** Makes key pairs, and seals their private halves. */
export interface KeyVault {
  /** Takes no core for long: an RSA key is made on another thread. */
  make(purpose: KeyPurpose): Promise<NewKey>;
  /** Under the key-encryption key that the database is sealed with now. Call it under `hold`. */
  seal(records: SigningKeyRecords, key: NewKey): Promise<Buffer>;
  /**
   * Seals everything under the newest key-encryption key of the file, which is read again. Call it
   * under `hold`, in a transaction: all of it, or nothing.
   *
   * @returns how many private keys were sealed anew.
   */
  rewrap(records: SigningKeyRecords): Promise<number>;
}
