/** The use cases of tokens that somebody shows: what they are, and giving them up. */
import type { ServiceContext } from '@gatehouse/chassis';
import { createVerify, FIRST_PARTY } from '../adapters/access-tokens.ts';
import { looksLikePassport } from '../adapters/passports.ts';
import { refreshSecrets as secrets } from '../adapters/refresh-secrets.ts';
import { createVerifyServiceToken } from '../adapters/service-tokens.ts';
import { createFindToken } from '../application/find-token.ts';
import { createRevokeGrant } from '../application/grants.ts';
import { createIntrospect } from '../application/introspect.ts';
import { createRevokeToken } from '../application/revoke-token.ts';
import { createSessions } from '../application/sessions.ts';
import { createValidateToken } from '../application/validate-token.ts';
import type { AuthConfig } from '../config.ts';
import type { IntrospectionParts } from '../transport/oauth/introspect.ts';
import type { RevocationParts } from '../transport/oauth/revoke.ts';
import type { ClientParts } from '../transport/oauth/who.ts';
import type { Parts } from './parts.ts';

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
