import { TokenError } from '../errors.ts';
import { MAX_TOKEN_LENGTH, peekPayload } from '../jws/compact.ts';
import { own } from '../jws/strict-json.ts';
import type { Verifier } from './types.ts';

/**
 * One verifier for the tokens of several issuers. The `iss` of a token, of which nothing is verified
 * yet, chooses the verifier; that one then asks for this very `iss` and has the keys of its issuer alone,
 * so a `kid` that two issuers share confuses nobody, and a token that names one issuer and was signed by
 * another is refused.
 *
 * Give each verifier a key source of its own.
 *
 * @param verifiers - by the `iss` that each of them was made for.
 * @throws TypeError when there are none.
 *
 * @example
 * ```ts
 * import { createJwtVerifier, createMultiIssuerVerifier, createRemoteKeySet } from '@gatehouse/tokens';
 *
 * const audience = 'https://shop.example';
 * const of = (issuer: string) =>
 *   createJwtVerifier({ issuer, audience, keys: createRemoteKeySet({ url: `${issuer}/jwks` }) });
 * const verifier = createMultiIssuerVerifier({
 *   'https://staff.example': of('https://staff.example'),
 *   'https://partners.example': of('https://partners.example'),
 * });
 * export const subjectOf = async (token: string) => (await verifier.verify(token)).sub;
 * ```
 */
export function createMultiIssuerVerifier<C>(
  verifiers: Readonly<Record<string, Verifier<C>>>,
): Verifier<C> {
  // A map: the name of an issuer must not reach into a prototype.
  const byIssuer = new Map(Object.entries(verifiers));
  if (byIssuer.size === 0) throw new TypeError('there is no issuer');
  const all = [...byIssuer.values()];
  const verifyCached = (token: string): C | undefined => {
    if (typeof token !== 'string' || token.length > MAX_TOKEN_LENGTH) return undefined;
    for (const verifier of all) {
      const claims = verifier.verifyCached(token);
      if (claims !== undefined) return claims;
    }
    return undefined;
  };
  return Object.freeze({
    verifyCached,
    verify: async (token: string): Promise<C> => {
      const cached = verifyCached(token);
      if (cached !== undefined) return cached;
      const issuer = own(peekPayload(token), 'iss');
      const verifier = typeof issuer === 'string' ? byIssuer.get(issuer) : undefined;
      if (verifier === undefined) throw new TokenError('issuer');
      return await verifier.verify(token);
    },
  });
}
