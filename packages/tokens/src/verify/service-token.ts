import { readServiceTokenClaims, SERVICE_TOKEN } from '../claims/service-token.ts';
import type { ServiceTokenClaims } from '../claims/types.ts';
import type { IssuedTokenVerifierOptions } from './access-token.ts';
import { issuedBy, strictKind } from './check.ts';
import type { Verifier } from './types.ts';
import { TokenVerifier } from './verifier.ts';

/**
 * Verifies service tokens of one issuer for one trust domain (the `audience`): `typ` `at+jwt`, RS256,
 * `sub` equal to `client_id` and never a person's.
 *
 * Not checked: what the scopes allow. For whom the call is made is the passport's to say.
 */
export function createServiceTokenVerifier(
  options: IssuedTokenVerifierOptions,
): Verifier<ServiceTokenClaims> {
  const kind = {
    ...strictKind(SERVICE_TOKEN, options.audience),
    issuerFor: issuedBy(options.issuer),
    read: readServiceTokenClaims,
  };
  return new TokenVerifier(kind, options);
}
