/** What is checked of one token with one key: no cache, no look-up, no revocation. */
import { optionalSeconds } from '../claims/read.ts';
import { TokenError } from '../errors.ts';
import type { ParsedToken, TokenForm } from '../jws/compact.ts';
import { type Header, type ReadHeader, readStrictHeader } from '../jws/header.ts';
import { verifyBytes } from '../jws/signature.ts';
import { type JsonObject, own } from '../jws/strict-json.ts';
import type { Algorithm, VerificationKey } from '../keys/types.ts';

/** What makes one kind of token. */
export interface TokenKind<C extends { readonly iat: number; readonly exp: number }> {
  /** What its header must be. */
  readonly readHeader: ReadHeader;
  /** The `typ`s it may have, each exactly; the empty one for none. */
  readonly typs: readonly string[];
  readonly algs: readonly Algorithm[];
  /** Whether an `aud` (undefined: none) is the right one. */
  readonly isAudience: (aud: unknown) => boolean;
  /** The `iss` it must have, given the key that signed it; undefined refuses the key. */
  readonly issuerFor: (key: VerificationKey) => string | undefined;
  /** Reads and checks the claims; throws TokenError `claim`. */
  readonly read: (payload: JsonObject) => C;
}

/** What every kind of Gatehouse's own has in common: one `typ`, one algorithm, one audience. */
export function strictKind(
  form: TokenForm,
  audience: string,
): Pick<TokenKind<never>, 'readHeader' | 'typs' | 'algs' | 'isAudience'> {
  // JavaScript may pass none: compared as `undefined`, it would match a token without `aud`.
  if (typeof audience !== 'string' || audience === '') {
    throw new TypeError('the audience must be a string that is not empty');
  }
  return {
    readHeader: readStrictHeader,
    typs: [form.typ],
    algs: [form.alg],
    isAudience: (aud) => aud === audience,
  };
}

/** The time of the check, and how far clocks may differ. */
export interface TimeLimits {
  readonly nowMs: number;
  /** For `iat` and `nbf`. */
  readonly leewaySeconds: number;
  /** For `exp`. */
  readonly expiryLeewaySeconds: number;
}

/** The part of a kind that its header and signature are checked with. */
type Form = Pick<TokenKind<never>, 'typs' | 'algs'>;

/**
 * Checks that a header is that of a kind. `typ` is compared exactly, though RFC 7515, section 4.1.9,
 * lets case differ and `application/` precede: we mint one spelling.
 *
 * @throws TokenError `type`, `algorithm`.
 */
export function assertForm(header: Header, form: Form): void {
  if (!form.typs.includes(header.typ)) throw new TokenError('type');
  if (!(form.algs as readonly string[]).includes(header.alg)) throw new TokenError('algorithm');
}

/**
 * Whether a key signed a token. The algorithm is the key's: the header has to agree with it.
 *
 * @throws TokenError `algorithm`.
 */
export function isSignedBy(token: ParsedToken, key: VerificationKey): boolean {
  if (token.header.alg !== key.alg) throw new TokenError('algorithm');
  return verifyBytes(token.signingInput, token.signature, key);
}

/**
 * Checks issuer, audience, claims and times, in this order, of a payload whose signature was good.
 *
 * @throws TokenError
 */
export function checkPayload<C extends { readonly iat: number; readonly exp: number }>(
  kind: TokenKind<C>,
  signed: { readonly payload: JsonObject; readonly key: VerificationKey },
  limits: TimeLimits,
): C {
  const { payload } = signed;
  if (own(payload, 'cnf') !== undefined) throw new TokenError('confirmation');
  const issuer = kind.issuerFor(signed.key);
  if (issuer === undefined || own(payload, 'iss') !== issuer) throw new TokenError('issuer');
  if (!kind.isAudience(own(payload, 'aud'))) throw new TokenError('audience');
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
