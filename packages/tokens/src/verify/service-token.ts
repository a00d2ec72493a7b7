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
 *
 * @example
 * ```ts
 * import { createRemoteKeySet, createServiceTokenVerifier } from '@gatehouse/tokens';
 *
 * const keys = createRemoteKeySet({ url: 'https://auth.example/.well-known/jwks.json' });
 * void keys.start();
 * const verifier = createServiceTokenVerifier({
 *   issuer: 'https://auth.example',
 *   audience: 'gatehouse.local',
 *   keys,
 * });
 * export const scopesOf = async (token: string) => (await verifier.verify(token)).scope.split(' ');
 * ```
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
