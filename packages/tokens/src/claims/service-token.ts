import type { TokenForm } from '../jws/compact.ts';
import type { JsonObject } from '../jws/strict-json.ts';
import { badClaim, lifetime, optionalCount, scope, text } from './read.ts';
import { isWorkloadClient } from './subject.ts';
import type { ServiceTokenClaims } from './types.ts';

/** Header of a service token: as an access token's; subject and audience tell them apart. */
export const SERVICE_TOKEN: TokenForm = { typ: 'at+jwt', alg: 'RS256' };

/**
 * Reads the claims of a service token; members that are not listed there are left out.
 *
 * @throws TokenError `claim`. Whether they are the right issuer, audience and time is not checked.
 */
export function readServiceTokenClaims(payload: JsonObject): ServiceTokenClaims {
  const sub = text(payload, 'sub');
  const clientId = text(payload, 'client_id');
  if (!isWorkloadClient(sub)) throw badClaim('sub');
  const sv = optionalCount(payload, 'sv');
  if (clientId !== sub) throw badClaim('client_id');
  return Object.freeze({
    iss: text(payload, 'iss'),
    aud: text(payload, 'aud'),
    sub,
    client_id: clientId,
    scope: scope(payload),
    ...(sv === undefined ? {} : { sv }),
    jti: text(payload, 'jti'),
    ...lifetime(payload),
  });
}
