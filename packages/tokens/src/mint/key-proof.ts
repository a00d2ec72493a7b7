import { randomBytes } from 'node:crypto';
import { KEY_PROOF, MAX_KEY_PROOF_SECONDS, readKeyProofClaims } from '../claims/key-proof.ts';
import type { Signer } from '../keys/types.ts';
import { mint } from './mint.ts';

const FORM = { ...KEY_PROOF, read: readKeyProofClaims };

/**
 * Mints a proof that the caller holds the private half of a passport key, for its registration. Good
 * for 60 s, with a random `jti`.
 *
 * @param options.issuer - SPIFFE ID of the caller.
 * @param options.audience - SPIFFE ID of the auth service.
 * @throws TypeError when the signer's key is not for ES256.
 *
 * @example
 * ```ts
 * import { generateSigningKey, mintKeyProof } from '@gatehouse/tokens';
 *
 * const key = generateSigningKey('ES256');
 * export const proof = mintKeyProof(key, {
 *   issuer: 'spiffe://gatehouse.local/gateway',
 *   audience: 'spiffe://gatehouse.local/auth',
 *   nowMs: Date.now(),
 * });
 * ```
 */
export function mintKeyProof(
  signer: Signer,
  options: { readonly issuer: string; readonly audience: string; readonly nowMs: number },
): string {
  const iat = Math.floor(options.nowMs / 1000);
  return mint(signer, FORM, {
    iss: options.issuer,
    aud: options.audience,
    jti: randomBytes(16).toString('base64url'),
    iat,
    exp: iat + MAX_KEY_PROOF_SECONDS,
  });
}
