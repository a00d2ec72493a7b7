import { readGatewayPassportClaims } from '../claims/gateway-passport.ts';
import { PASSPORT, readPassportClaims } from '../claims/passport.ts';
import type { PassportClaims } from '../claims/types.ts';
import type { Signer } from '../keys/types.ts';
import { mint } from './mint.ts';

const FORM = { ...PASSPORT, read: readPassportClaims };
const GATEWAY_FORM = { ...PASSPORT, read: readGatewayPassportClaims };

/**
 * Mints a passport: ES256, `typ` `txntoken+jwt` (draft-ietf-oauth-transaction-tokens).
 *
 * Not checked, and the minter's to keep: that `iss` is the identity bound to the signer's key, that
 * `exp` is not beyond the access token's, and that `scope` is no wider than the access token's.
 *
 * @throws TypeError when a claim or the signer is invalid: a life over 60 s, an anonymous
 *   subject with rights, a workload's subject not issued by auth.
 * @throws RangeError when the token would be over 8192 characters.
 *
 * @example
 * ```ts
 * import { generateSigningKey, mintPassport, type PassportClaims } from '@gatehouse/tokens';
 *
 * const key = generateSigningKey('ES256');
 * export const passportOf = (claims: PassportClaims) => mintPassport(key, claims);
 * ```
 */
export function mintPassport(signer: Signer, claims: PassportClaims): string {
  return mint(signer, FORM, claims);
}

/**
 * Mints a passport of a standalone gateway, whose `iss` and subjects belong to no trust domain;
 * otherwise as {@link mintPassport}.
 *
 * @throws TypeError, RangeError as there; TypeError also when `iss` or `sub` is a SPIFFE ID.
 *
 * @example
 * ```ts
 * import { generateSigningKey, mintGatewayPassport, type PassportClaims } from '@gatehouse/tokens';
 *
 * const key = generateSigningKey('ES256');
 * export const passportOf = (claims: PassportClaims) => mintGatewayPassport(key, claims);
 * ```
 */
export function mintGatewayPassport(signer: Signer, claims: PassportClaims): string {
  return mint(signer, GATEWAY_FORM, claims);
}
