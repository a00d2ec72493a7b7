import type { KeyObject } from 'node:crypto';

/** The two algorithms of Gatehouse (RFC 7518, sections 3.3 and 3.4). */
export type Algorithm = 'RS256' | 'ES256';

/** A public key with all that is pinned to it. */
export interface VerificationKey {
  readonly kid: string;
  /** The only algorithm that it verifies. */
  readonly alg: Algorithm;
  readonly key: KeyObject;
  /** The only `iss` of tokens signed by it; JWK member `iss` of a passport key set. */
  readonly issuer?: string;
}

/**
 * Where a verifier finds keys. A source of your own must hold only RSA keys of 2048 bits or more and
 * P-256 keys (`createStaticKeySet` checks them), and must return the same object for as long as the
 * key stays: a cached token is good only while its key is that very object.
 */
export interface KeySource {
  /** Whether it has keys. Without any, a verifier answers `KeysUnavailableError`. */
  readonly ready: boolean;
  /** Whether the last attempt to refresh failed, so that an unknown `kid` may be a new key. */
  readonly lastRefreshFailed?: boolean;
  /** Whether an attempt to refresh is under way, so that it may yet bring an unknown `kid`. */
  readonly refreshing?: boolean;
  /** Synchronous, for each request. */
  find(kid: string): VerificationKey | undefined;
  /** Asked for after an unknown `kid`; honours a cool-down; resolves soon and never throws. */
  refresh(): Promise<void>;
}

/** What mints a token. */
export interface Signer {
  readonly kid: string;
  readonly alg: Algorithm;
  readonly privateKey: KeyObject;
}

/** A key pair made by `generateSigningKey`. */
export interface SigningKey extends Signer {
  readonly publicKey: KeyObject;
}

/** A public key as published (RFC 7517). `iss`: the identity it is bound to, in a passport key set. */
export type PublicJwk = RsaPublicJwk | EcPublicJwk;

interface PublicJwkBase {
  readonly kid: string;
  readonly use: 'sig';
  readonly iss?: string;
}

export interface RsaPublicJwk extends PublicJwkBase {
  readonly kty: 'RSA';
  readonly alg: 'RS256';
  readonly n: string;
  readonly e: string;
}

export interface EcPublicJwk extends PublicJwkBase {
  readonly kty: 'EC';
  readonly alg: 'ES256';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
}

/** A key set document (RFC 7517, section 5). */
export interface JwkSet {
  readonly keys: readonly PublicJwk[];
}
