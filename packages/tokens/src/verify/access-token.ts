import { ACCESS_TOKEN, readAccessTokenClaims } from '../claims/access-token.ts';
import type { AccessTokenClaims } from '../claims/types.ts';
import { issuedBy, strictKind } from './check.ts';
import type { Verifier, VerifierOptions } from './types.ts';
import { TokenVerifier } from './verifier.ts';

/** Options of the verifiers for tokens that one issuer signs. */
export interface IssuedTokenVerifierOptions extends VerifierOptions {
  /** The `iss`, compared exactly. */
  readonly issuer: string;
  /** The `aud`, compared exactly; a token whose `aud` is a list is refused. */
  readonly audience: string;
}

/**
 * Verifies access tokens of one issuer for one audience (RFC 9068, section 4, with a single
 * audience): `typ` `at+jwt`, RS256, subject `usr_…`.
 *
 * Not checked: scopes, roles and level (the access rule's), whether the person exists.
 *
 * @example
 * ```ts
 * import { createAccessTokenVerifier, createRemoteKeySet } from '@gatehouse/tokens';
 *
 * const keys = createRemoteKeySet({ url: 'https://auth.example/.well-known/jwks.json' });
 * void keys.start();
 * const verifier = createAccessTokenVerifier({
 *   issuer: 'https://auth.example',
 *   audience: 'https://shop.example',
 *   keys,
 * });
 * export const personOf = async (token: string) => (await verifier.verify(token)).sub;
 * ```
 */
export function createAccessTokenVerifier(
  options: IssuedTokenVerifierOptions,
): Verifier<AccessTokenClaims> {
  const kind = {
    ...strictKind(ACCESS_TOKEN, options.audience),
    issuerFor: issuedBy(options.issuer),
    read: readAccessTokenClaims,
  };
  return new TokenVerifier(kind, options);
}
