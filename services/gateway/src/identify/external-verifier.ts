/** Verifies the tokens of other issuers, and says what they mean here. */
import {
  type Clock,
  createJwtVerifier,
  createMultiIssuerVerifier,
  type KeySource,
  type Verifier,
} from '@gatehouse/tokens';
import type { IssuerSettings } from '../file/read-issuers.ts';
import type { EdgeClaims } from './edge-claims.ts';
import { externalClaims } from './external-claims.ts';

/** An issuer and where its keys come from. */
export interface TrustedIssuer {
  readonly settings: IssuerSettings;
  readonly keys: KeySource;
}

/** All together. */
const CACHED_TOKENS = 40_000;

/**
 * One verifier for all issuers: `iss` chooses, and the chosen one's keys alone count. The claims of a
 * token are one object for as long as the token is cached.
 *
 * Not checked: revocation. A token is good until its `exp`, or its issuer's `max_age`.
 */
export function createExternalVerifier(
  issuers: readonly TrustedIssuer[],
  clock: Clock,
): Verifier<EdgeClaims> {
  const cacheEntries = Math.ceil(CACHED_TOKENS / issuers.length);
  const byIssuer = issuers.map(({ settings, keys }): [string, Verifier<EdgeClaims>] => [
    settings.issuer,
    createJwtVerifier({
      issuer: settings.issuer,
      audience: settings.audience,
      typs: settings.tokenTypes,
      equalClaims: settings.require,
      keys,
      clock,
      cacheEntries,
      mapClaims: (claims) => externalClaims(claims, settings),
    }),
  ]);
  return createMultiIssuerVerifier(Object.fromEntries(byIssuer));
}
