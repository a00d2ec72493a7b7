import type { JsonObject } from '../jws/strict-json.ts';
import { readPassportForm } from './passport.ts';
import { badClaim } from './read.ts';
import { anonymousSubject } from './subject.ts';
import type { PassportClaims } from './types.ts';

const WORKLOAD = 'spiffe://';
const ANONYMOUS = 'anonymous:';

/**
 * Reads the claims of a passport that a gateway without a trust domain signed. As those of the trust
 * domain's, but that `iss` and `sub` are whatever its configuration says: a subject is a person of some
 * issuer's, under the name that this issuer has for them.
 *
 * Neither can be a SPIFFE ID, so no such passport speaks for a workload; and `anonymous:` means nobody
 * here too.
 *
 * @throws TokenError `claim`.
 */
export function readGatewayPassportClaims(payload: JsonObject): PassportClaims {
  const claims = readPassportForm(payload);
  if (claims.iss.startsWith(WORKLOAD)) throw badClaim('iss');
  if (claims.sub.startsWith(WORKLOAD)) throw badClaim('sub');
  const isAnonymous = claims.sub.startsWith(ANONYMOUS);
  if (isAnonymous && claims.sub !== anonymousSubject(claims.txn)) throw badClaim('sub');
  return claims;
}
