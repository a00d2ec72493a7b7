/** The use cases of tokens that somebody shows: what they are, and giving them up. */
import type { ServiceContext } from '@gatehouse/chassis';
import { createVerifyServiceToken } from '../clients/service-tokens.ts';
import type { AuthConfig } from '../config.ts';
import { createRevokeGrant } from '../grants/manage.ts';
import { looksLikePassport } from '../grants/passports.ts';
import type { Parts } from '../keys/compose.ts';
import type { ClientParts } from '../oauth/client.ts';
import { createVerify, FIRST_PARTY } from '../sessions/access-tokens.ts';
import { createSessions } from '../sessions/end.ts';
import { refreshSecrets as secrets } from '../sessions/refresh-secrets.ts';
import { createFindToken } from './find.ts';
import { createIntrospect } from './introspect.ts';
import type { IntrospectionParts } from './introspect-http.ts';
import { createRevokeToken } from './revoke.ts';
import type { RevocationParts } from './revoke-http.ts';
import { createValidateToken } from './validate.ts';

type TokenCases = Omit<IntrospectionParts & RevocationParts, keyof ClientParts | 'guesses'>;

export function buildTokenCases(
  { clock, trustDomain }: ServiceContext,
  { issuer, edgeAudience }: AuthConfig,
  parts: Parts,
): TokenCases {
  const { store, newId } = parts;
  const keys = parts.keys.verification('access');
  const signer = () => parts.keys.access;
  const verify = createVerify({ signer, keys, issuer, audience: edgeAudience, newId, clock });
  const findToken = createFindToken({
    store,
    clock,
    verify,
    validateToken: createValidateToken({ store, verify, clock }),
    verifyServiceToken: createVerifyServiceToken({ keys, issuer, trustDomain, clock }),
    hashRefreshToken: secrets.hash,
    firstParty: FIRST_PARTY,
    edgeAudience,
    trustDomain,
  });
  const sessions = createSessions({ ...parts, secrets });
  return {
    issuer,
    introspect: createIntrospect({ findToken }),
    revokeToken: createRevokeToken({ ...parts, findToken, sessions }),
    revokeGrant: createRevokeGrant({ store, clock }),
    isPassport: looksLikePassport,
    firstParty: FIRST_PARTY,
  };
}
