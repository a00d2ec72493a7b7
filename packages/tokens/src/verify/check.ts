/** What is checked of one token with one key: no cache, no look-up, no revocation. */
import { optionalSeconds } from '../claims/read.ts';
import { TokenError } from '../errors.ts';
import type { Header, ParsedToken, TokenForm } from '../jws/compact.ts';
import { verifyBytes } from '../jws/signature.ts';
import { type JsonObject, own, parseJsonObject } from '../jws/strict-json.ts';
import type { VerificationKey } from '../keys/types.ts';

/** What makes one kind of token. */
export interface TokenKind<C extends { readonly iat: number; readonly exp: number }>
  extends TokenForm {
  /** The `aud` it must have, exactly. */
  readonly audience: string;
  /** The `iss` it must have, given the key that signed it; undefined refuses the key. */
  readonly issuerFor: (key: VerificationKey) => string | undefined;
  /** Reads and checks the claims; throws TokenError `claim`. */
  readonly read: (payload: JsonObject) => C;
}

/** The time of the check, and how far clocks may differ. */
export interface TimeLimits {
  readonly nowMs: number;
  /** For `iat` and `nbf`. */
  readonly leewaySeconds: number;
  /** For `exp`. */
  readonly expiryLeewaySeconds: number;
}

/**
 * Checks that a header is that of a kind. `typ` is compared exactly, though RFC 7515, section 4.1.9,
 * lets case differ and `application/` precede: we mint one spelling.
 *
 * @throws TokenError `type`, `algorithm`.
 */
export function assertForm(header: Header, form: TokenForm): void {
  if (header.typ !== form.typ) throw new TokenError('type');
  if (header.alg !== form.alg) throw new TokenError('algorithm');
}

/**
 * Checks signature, issuer, audience, claims and times, in this order.
 *
 * @throws TokenError
 */
export function checkToken<C extends { readonly iat: number; readonly exp: number }>(
  kind: TokenKind<C>,
  signed: { readonly token: ParsedToken; readonly key: VerificationKey },
  limits: TimeLimits,
): C {
  const { token, key } = signed;
  assertForm(token.header, kind);
  if (key.alg !== kind.alg) throw new TokenError('algorithm');
  if (!verifyBytes(token.signingInput, token.signature, key)) throw new TokenError('signature');
  const payload = parseJsonObject(token.payload);
  if (own(payload, 'cnf') !== undefined) throw new TokenError('confirmation');
  const issuer = kind.issuerFor(key);
  if (issuer === undefined || own(payload, 'iss') !== issuer) throw new TokenError('issuer');
  if (own(payload, 'aud') !== kind.audience) throw new TokenError('audience');
  const claims = kind.read(payload);
  assertTimes(payload, claims, limits);
  return claims;
}

/** {@link TokenKind.issuerFor} of one issuer, whose keys are bound to nobody else. */
export function issuedBy(issuer: string): (key: VerificationKey) => string | undefined {
  if (issuer === '') throw new TypeError('the issuer must not be empty');
  return (key) => (key.issuer === undefined || key.issuer === issuer ? issuer : undefined);
}

function assertTimes(
  payload: JsonObject,
  claims: { readonly iat: number; readonly exp: number },
  limits: TimeLimits,
): void {
  const nowSeconds = limits.nowMs / 1000;
  if (nowSeconds >= claims.exp + limits.expiryLeewaySeconds) throw new TokenError('expired');
  const latest = nowSeconds + limits.leewaySeconds;
  if (claims.iat > latest) throw new TokenError('not_yet_valid', 'iat');
  const notBefore = optionalSeconds(payload, 'nbf');
  if (notBefore !== undefined && notBefore > latest) throw new TokenError('not_yet_valid', 'nbf');
}
