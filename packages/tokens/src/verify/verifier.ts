import { type Clock, systemClock } from '../clock.ts';
import { KeysUnavailableError, TokenError } from '../errors.ts';
import { MAX_TOKEN_LENGTH, parseCompact } from '../jws/compact.ts';
import { HeaderReader, NO_KID } from '../jws/header.ts';
import { ShapedJson } from '../jws/shaped-json.ts';
import type { KeySource, VerificationKey } from '../keys/types.ts';
import { TokenCache } from './cache.ts';
import { assertForm, checkPayload, isSignedBy, type TimeLimits, type TokenKind } from './check.ts';
import type { RevocationView, Verifier, VerifierOptions } from './types.ts';

/** How far `iat` and `nbf` may lie ahead where nothing else is said. */
export const DEFAULT_LEEWAY_SECONDS = 5;
const MAX_LEEWAY_SECONDS = 60;
const DEFAULT_CACHE_ENTRIES = 20_000;

/** The claims that every kind has and this file reads: for times, and to look for revocations. */
export interface CommonClaims {
  readonly sub: string;
  readonly jti?: string;
  readonly iat: number;
  readonly exp: number;
  readonly sid?: string;
  readonly sv?: number;
}

interface Verified<C> {
  readonly claims: C;
  readonly key: VerificationKey;
  readonly expiresAtMs: number;
}

/** The one way in which every kind of token is verified: cache, key, check, revocation. */
export class TokenVerifier<C extends CommonClaims> implements Verifier<C> {
  readonly #kind: TokenKind<C>;
  readonly #headers: HeaderReader;
  readonly #payloads = new ShapedJson();
  readonly #keys: KeySource;
  readonly #revocations: RevocationView | undefined;
  readonly #clock: Clock;
  readonly #leewaySeconds: number;
  readonly #expiryLeewaySeconds: number;
  readonly #cache: TokenCache<Verified<C>>;

  constructor(kind: TokenKind<C>, options: VerifierOptions) {
    this.#kind = kind;
    this.#headers = new HeaderReader(kind.readHeader);
    this.#keys = options.keys;
    this.#revocations = options.revocations;
    this.#clock = options.clock ?? systemClock;
    this.#leewaySeconds = leeway(options.leewaySeconds ?? DEFAULT_LEEWAY_SECONDS);
    this.#expiryLeewaySeconds = leeway(options.expiryLeewaySeconds ?? 0);
    this.#cache = new TokenCache(options.cacheEntries ?? DEFAULT_CACHE_ENTRIES);
  }

  verifyCached(token: string): C | undefined {
    // The length first: looking up a string hashes all of it.
    if (typeof token !== 'string' || token.length > MAX_TOKEN_LENGTH) return undefined;
    const entry = this.#cache.get(token);
    if (entry === undefined) return undefined;
    if (this.#isStillGood(entry)) return entry.claims;
    this.#cache.delete(token);
    return undefined;
  }

  async verify(token: string): Promise<C> {
    const claims = this.verifyCached(token) ?? this.#verifyNow(token);
    if (claims !== undefined) return claims;
    await this.#keys.refresh();
    // From the start, since what a token is taken apart into does not survive an await.
    const claimsAfter = this.#verifyNow(token);
    if (claimsAfter !== undefined) return claimsAfter;
    throw this.#withoutKey();
  }

  /** Undefined when the source of keys should look for a newer key. */
  #verifyNow(token: string): C | undefined {
    const parsed = parseCompact(token, this.#headers);
    // Before the key is looked for: what is not of this kind must not cause a fetch.
    assertForm(parsed.header, this.#kind);
    const key = this.#keys.find(parsed.header.kid);
    if (key === undefined) return undefined;
    if (!isSignedBy(parsed, key)) {
      // Of a key without a name only its signatures tell that it was replaced.
      if (key.kid === NO_KID) return undefined;
      throw new TokenError('signature');
    }
    this.#headers.remember(parsed.headerSegment, parsed.header);
    const payload = this.#payloads.parse(parsed.payload);
    const claims = checkPayload(this.#kind, { payload, key }, this.#limits());
    if (this.#isRevoked(claims)) throw new TokenError('revoked');
    const expiresAtMs = (claims.exp + this.#expiryLeewaySeconds) * 1000;
    this.#cache.set(token, { claims, key, expiresAtMs });
    return claims;
  }

  #limits(): TimeLimits {
    return {
      nowMs: this.#clock.nowMs(),
      leewaySeconds: this.#leewaySeconds,
      expiryLeewaySeconds: this.#expiryLeewaySeconds,
    };
  }

  #isStillGood(entry: Verified<C>): boolean {
    return (
      this.#clock.nowMs() < entry.expiresAtMs &&
      this.#keys.find(entry.key.kid) === entry.key &&
      !this.#isRevoked(entry.claims)
    );
  }

  #withoutKey(): Error {
    // There is a key, it is the only one, and it did not sign.
    if (this.#keys.find(NO_KID) !== undefined) return new TokenError('signature');
    // Without keys, or with a stale key set, the token may well be valid: we cannot tell.
    const { ready, lastRefreshFailed, refreshing } = this.#keys;
    const cannotSay = !ready || lastRefreshFailed === true || refreshing === true;
    return cannotSay ? new KeysUnavailableError() : new TokenError('key_unknown');
  }

  #isRevoked(claims: C): boolean {
    return this.#revocations?.isRevoked(claims) === true;
  }
}

function leeway(seconds: number): number {
  if (!(seconds >= 0 && seconds <= MAX_LEEWAY_SECONDS)) {
    throw new RangeError(`a leeway is 0 to ${MAX_LEEWAY_SECONDS} seconds`);
  }
  return seconds;
}
