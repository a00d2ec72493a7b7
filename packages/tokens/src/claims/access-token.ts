import type { TokenForm } from '../jws/compact.ts';
import type { JsonObject } from '../jws/strict-json.ts';
import {
  badClaim,
  count,
  lifetime,
  optionalCount,
  optionalText,
  scope,
  text,
  textList,
  type Writable,
} from './read.ts';
import { isPerson, MAX_LEVEL } from './subject.ts';
import type { AccessTokenClaims } from './types.ts';

/** Header of an access token (RFC 9068, section 2.1). */
export const ACCESS_TOKEN: TokenForm = { typ: 'at+jwt', alg: 'RS256' };

/**
 * Reads the claims of an access token; members that are not listed there are left out.
 *
 * @throws TokenError `claim`. Whether they are the right issuer, audience and time is not checked.
 */
export function readAccessTokenClaims(payload: JsonObject): AccessTokenClaims {
  const sub = text(payload, 'sub');
  if (!isPerson(sub)) throw badClaim('sub');
  const acr = optionalText(payload, 'acr');
  const level = optionalCount(payload, 'auth_level', MAX_LEVEL);
  const { iat, exp } = lifetime(payload);
  const claims: Writable<AccessTokenClaims> = {
    iss: text(payload, 'iss'),
    aud: text(payload, 'aud'),
    sub,
    client_id: text(payload, 'client_id'),
    scope: scope(payload),
    roles: textList(payload, 'roles'),
    sid: text(payload, 'sid'),
    sv: count(payload, 'sv'),
    jti: text(payload, 'jti'),
    iat,
    exp,
  };
  if (acr !== undefined) claims.acr = acr;
  if (level !== undefined) claims.auth_level = level;
  return Object.freeze(claims);
}
