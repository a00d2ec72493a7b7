import { type Clock, systemClock } from '../clock.ts';
import { KeysUnavailableError, TokenError } from '../errors.ts';
import { MAX_TOKEN_LENGTH, parseCompact } from '../jws/compact.ts';
import type { KeySource, VerificationKey } from '../keys/types.ts';
import { TokenCache } from './cache.ts';
import { assertForm, checkToken, type TokenKind } from './check.ts';
import type { RevocationView, Verifier, VerifierOptions } from './types.ts';

/** How far `iat` and `nbf` may lie ahead where nothing else is said. */
export const DEFAULT_LEEWAY_SECONDS = 5;
const MAX_LEEWAY_SECONDS = 60;
const DEFAULT_CACHE_ENTRIES = 10_000;

/** The claims that every kind has and this file reads. */
interface CommonClaims {
  readonly sub: string;
  readonly jti: string;
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
  readonly #keys: KeySource;
  readonly #revocations: RevocationView | undefined;
  readonly #clock: Clock;
  readonly #leewaySeconds: number;
  readonly #expiryLeewaySeconds: number;
  readonly #cache: TokenCache<Verified<C>>;

  constructor(kind: TokenKind<C>, options: VerifierOptions) {
    if (kind.audience === '') throw new TypeError('the audience must not be empty');
    this.#kind = kind;
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
    const cached = this.verifyCached(token);
    if (cached !== undefined) return cached;
    const parsed = parseCompact(token);
    // Before the key is looked for: what is not of this kind must not cause a fetch.
    assertForm(parsed.header, this.#kind);
    const key = await this.#findKey(parsed.header.kid);
    const claims = checkToken(
      this.#kind,
      { token: parsed, key },
      {
        nowMs: this.#clock.nowMs(),
        leewaySeconds: this.#leewaySeconds,
        expiryLeewaySeconds: this.#expiryLeewaySeconds,
      },
    );
    if (this.#isRevoked(claims)) throw new TokenError('revoked');
    const expiresAtMs = (claims.exp + this.#expiryLeewaySeconds) * 1000;
    this.#cache.set(token, { claims, key, expiresAtMs });
    return claims;
  }

  #isStillGood(entry: Verified<C>): boolean {
    return (
      this.#clock.nowMs() < entry.expiresAtMs &&
      this.#keys.find(entry.key.kid) === entry.key &&
      !this.#isRevoked(entry.claims)
    );
  }

  async #findKey(kid: string): Promise<VerificationKey> {
    const known = this.#keys.find(kid);
    if (known !== undefined) return known;
    await this.#keys.refresh();
    const found = this.#keys.find(kid);
    if (found !== undefined) return found;
    // Without keys, or without news of them, the token may well be good: we cannot say.
    if (!this.#keys.ready || this.#keys.lastRefreshFailed === true)
      throw new KeysUnavailableError();
    throw new TokenError('key_unknown');
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
