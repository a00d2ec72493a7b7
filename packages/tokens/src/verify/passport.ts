import { readGatewayPassportClaims } from '../claims/gateway-passport.ts';
import { PASSPORT, readPassportClaims } from '../claims/passport.ts';
import type { PassportClaims } from '../claims/types.ts';
import type { IssuedTokenVerifierOptions } from './access-token.ts';
import { issuedBy, strictKind } from './check.ts';
import type { Verifier, VerifierOptions } from './types.ts';
import { TokenVerifier } from './verifier.ts';

export interface PassportVerifierOptions extends VerifierOptions {
  /** The `aud`, compared exactly: `gatehouse.local`. */
  readonly trustDomain: string;
}

/**
 * Verifies passports of one trust domain: `typ` `txntoken+jwt`, ES256, a life of at most 60 s, `iss`
 * equal to the identity that is bound to the key. Only `spiffe://<trustDomain>/auth` may sign for a
 * workload; every other key for `usr_…` and `anonymous:<txn>` alone.
 *
 * Not checked: who presents it (the peer's certificate says that), scopes, roles and level, whether
 * an anonymous one is for the method called (`tctx.method`), and whether it was used before.
 *
 * @example
 * ```ts
 * import { createPassportVerifier, type KeySource } from '@gatehouse/tokens';
 *
 * export function verifierOf(keys: KeySource) {
 *   const verifier = createPassportVerifier({ trustDomain: 'gatehouse.local', keys });
 *   return async (passport: string) => verifier.verifyCached(passport) ?? verifier.verify(passport);
 * }
 * ```
 */
export function createPassportVerifier(options: PassportVerifierOptions): Verifier<PassportClaims> {
  const kind = {
    ...strictKind(PASSPORT, options.trustDomain),
    // A key that is bound to nobody signs no passport.
    issuerFor: (key: { readonly issuer?: string }) => key.issuer,
    read: readPassportClaims,
  };
  return new TokenVerifier(kind, options);
}

/**
 * Verifies passports of a standalone gateway: `passports.issuer` and `passports.audience` of its
 * file, and the keys that it publishes at `/.well-known/txn-jwks.json`. `typ` `txntoken+jwt`, ES256, a
 * life of at most 60 s. It takes no passport of a trust domain, and the verifier of these none of its.
 *
 * Not checked: scopes, roles and level, whether an anonymous one is for this route (`tctx.method`), and
 * whether it was used before.
 *
 * @example
 * ```ts
 * import { createGatewayPassportVerifier, createRemoteKeySet } from '@gatehouse/tokens';
 *
 * const url = 'https://gateway.example/.well-known/txn-jwks.json';
 * const keys = createRemoteKeySet({ url });
 * void keys.start();
 * const verifier = createGatewayPassportVerifier({
 *   issuer: 'https://gateway.example',
 *   audience: 'orders',
 *   keys,
 * });
 * export const subjectOf = async (passport: string) => (await verifier.verify(passport)).sub;
 * ```
 */
export function createGatewayPassportVerifier(
  options: IssuedTokenVerifierOptions,
): Verifier<PassportClaims> {
  const kind = {
    ...strictKind(PASSPORT, options.audience),
    issuerFor: issuedBy(options.issuer),
    read: readGatewayPassportClaims,
  };
  return new TokenVerifier(kind, options);
}
