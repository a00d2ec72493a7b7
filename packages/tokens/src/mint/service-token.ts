import { readServiceTokenClaims, SERVICE_TOKEN } from '../claims/service-token.ts';
import type { ServiceTokenClaims } from '../claims/types.ts';
import type { Signer } from '../keys/types.ts';
import { mint, mintAside } from './mint.ts';

const FORM = { ...SERVICE_TOKEN, read: readServiceTokenClaims };

/**
 * Mints a service token: RS256, `typ` `at+jwt`, for a workload that speaks plain HTTP.
 *
 * Members beside those of {@link ServiceTokenClaims} are left out. How long it lives is the caller's
 * choice; nothing here bounds it.
 *
 * @throws TypeError when a claim or the signer is invalid.
 * @throws RangeError when the token would be over 8192 characters.
 *
 * @example
 * ```ts
 * import { generateSigningKey, mintServiceToken, type ServiceTokenClaims } from '@gatehouse/tokens';
 *
 * const key = generateSigningKey('RS256');
 * export const tokenOf = (claims: ServiceTokenClaims) => mintServiceToken(key, claims);
 * ```
 */
export function mintServiceToken(signer: Signer, claims: ServiceTokenClaims): string {
  return mint(signer, FORM, claims);
}

/**
 * As {@link mintServiceToken}, with the signature made on a thread of libuv's pool: for an auth server,
 * whose event loop would else stand still for each of them. It rejects with what that one throws.
 *
 * @example
 * ```ts
 * import { generateSigningKey, mintServiceTokenAside, type ServiceTokenClaims } from '@gatehouse/tokens';
 *
 * const key = generateSigningKey('RS256');
 * export const tokenOf = (claims: ServiceTokenClaims) => mintServiceTokenAside(key, claims);
 * ```
 */
export async function mintServiceTokenAside(
  signer: Signer,
  claims: ServiceTokenClaims,
): Promise<string> {
  return mintAside(signer, FORM, claims);
}
