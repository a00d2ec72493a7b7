import type { Clock } from '../clock.ts';
import { systemClock } from '../clock.ts';
import { TokenError } from '../errors.ts';
import { type JsonObject, own } from '../jws/json.ts';
import { type TokenParts, takeApart } from './decode.ts';
import { lifetimeOf } from './expiry.ts';
import { type BrowserKey, keysOf } from './keys.ts';

/** What a browser's verifier expects of a token. */
export interface BrowserVerifierOptions {
  /** The `iss`, compared exactly. */
  readonly issuer: string;
  /** The `aud`, compared exactly; a token whose `aud` is a list is refused. */
  readonly audience: string;
  /** The issuer's key set, as its `jwks.json` says it. */
  readonly jwks: { readonly keys: readonly object[] };
  /** The `typ`, compared exactly. Default `at+jwt`. */
  readonly typ?: string;
  readonly clock?: Clock;
  /** From `issuerAheadMs`; default 0: the clocks agree. */
  readonly issuerAheadMs?: number;
  /** How far `iat` and `nbf` may lie in the future. 0 to 60, default 5. */
  readonly leewaySeconds?: number;
}

/** Verifies tokens by Web Crypto. */
export interface BrowserVerifier {
  /**
   * @returns the claims, frozen.
   * @throws TokenError when the token is bad.
   */
  verify(token: string): Promise<JsonObject>;
}

const MAX_LEEWAY_SECONDS = 60;

/**
 * Makes a verifier of one issuer's tokens: RS256 and ES256 (RFC 7518), the algorithm pinned by the
 * key. So a page can tell a token of its own back end from one that was slipped to it.
 *
 * Keys that are private, under 2048 bits, or for another use or algorithm are left out.
 *
 * Not checked: claims other than `iss aud iat exp nbf cnf`, and revocation. Only a
 * server can decide what a token allows. Web Crypto exists in secure contexts alone: over https, and
 * on localhost.
 *
 * @throws TypeError when issuer or audience is empty, or two keys share their `kid`.
 * @throws RangeError for another leeway.
 */
export function createBrowserVerifier(options: BrowserVerifierOptions): BrowserVerifier {
  const { issuer, audience, leewaySeconds = 5 } = options;
  if (issuer === '' || audience === '') throw new TypeError('issuer and audience are needed');
  if (!(leewaySeconds >= 0 && leewaySeconds <= MAX_LEEWAY_SECONDS)) {
    throw new RangeError(`a leeway is 0 to ${MAX_LEEWAY_SECONDS} seconds`);
  }
  const keys = keysOf(options.jwks);
  const verify = async (token: string): Promise<JsonObject> => {
    const parts = takeApart(token);
    const key = keyFor(parts, keys, options.typ ?? 'at+jwt');
    if (!(await isSigned(parts, key))) throw new TokenError('signature');
    assertClaims(parts, options, leewaySeconds);
    return parts.claims;
  };
  return Object.freeze({ verify });
}

function keyFor(
  { header }: TokenParts,
  keys: ReadonlyMap<string, BrowserKey>,
  typ: string,
): BrowserKey {
  // Exactly these three: `crit`, and a key that the token brings itself, are refused.
  if (Object.keys(header).sort().join() !== 'alg,kid,typ') throw new TokenError('malformed');
  if (own(header, 'typ') !== typ) throw new TokenError('type');
  const key = keys.get(String(own(header, 'kid')));
  if (key === undefined) throw new TokenError('key_unknown');
  if (own(header, 'alg') !== key.alg) throw new TokenError('algorithm');
  return key;
}

async function isSigned(parts: TokenParts, key: BrowserKey): Promise<boolean> {
  return await key.verify(parts.signature, parts.signingInput);
}

function assertClaims(
  token: TokenParts,
  options: BrowserVerifierOptions,
  leewaySeconds: number,
): void {
  const { claims } = token;
  if (own(claims, 'cnf') !== undefined) throw new TokenError('confirmation');
  if (own(claims, 'iss') !== options.issuer) throw new TokenError('issuer');
  if (own(claims, 'aud') !== options.audience) throw new TokenError('audience');
  const { issuedAtMs, expiresAtMs } = lifetimeOf(token);
  const nowMs = (options.clock ?? systemClock).nowMs() + (options.issuerAheadMs ?? 0);
  if (nowMs >= expiresAtMs) throw new TokenError('expired');
  const latestMs = nowMs + leewaySeconds * 1000;
  if (issuedAtMs > latestMs) throw new TokenError('not_yet_valid', 'iat');
  const notBefore = own(claims, 'nbf');
  if (notBefore === undefined) return;
  if (typeof notBefore !== 'number') throw new TokenError('claim', 'nbf');
  if (notBefore * 1000 > latestMs) throw new TokenError('not_yet_valid', 'nbf');
}
