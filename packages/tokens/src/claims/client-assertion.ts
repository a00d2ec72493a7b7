import type { JsonObject } from '../jws/strict-json.ts';
import { badClaim, optionalSeconds, text } from './read.ts';

/** Longest time from now to the `exp` of an assertion. */
export const MAX_ASSERTION_SECONDS = 300;

export interface ClientAssertionClaims {
  readonly iss: string;
  /** Equal to `iss`. */
  readonly sub: string;
  readonly jti: string;
  /** Optional in RFC 7523: without it, five minutes before `exp`. */
  readonly iat: number;
  readonly exp: number;
}

/**
 * The claims of a client's assertion (RFC 7523, section 3; OpenID Connect Core, section 9, which
 * requires `jti`).
 *
 * @throws TokenError `claim`. Issuer, audience and time are not checked.
 */
export function readClientAssertionClaims(payload: JsonObject): ClientAssertionClaims {
  const iss = text(payload, 'iss');
  const sub = text(payload, 'sub');
  if (iss !== sub) throw badClaim('sub');
  const exp = optionalSeconds(payload, 'exp');
  if (exp === undefined) throw badClaim('exp');
  const iat = optionalSeconds(payload, 'iat') ?? exp - MAX_ASSERTION_SECONDS;
  if (exp <= iat) throw badClaim('exp');
  return Object.freeze({ iss, sub, jti: text(payload, 'jti'), iat, exp });
}
