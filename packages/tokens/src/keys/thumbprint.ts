import { createHash, type KeyObject } from 'node:crypto';

/**
 * The SHA-256 thumbprint of a public key (RFC 7638), which Gatehouse uses as `kid`.
 *
 * @param publicKey - RSA or EC; a private one gives the thumbprint of its public half.
 * @returns 43 base64url characters.
 * @throws TypeError for another type of key.
 *
 * @example
 * ```ts
 * import { generateSigningKey, thumbprint } from '@gatehouse/tokens';
 *
 * const { kid, publicKey } = generateSigningKey('ES256');
 * export const isItsOwn = thumbprint(publicKey) === kid;
 * ```
 */
export function thumbprint(publicKey: KeyObject): string {
  const { kty, n, e, crv, x, y } = publicKey.export({ format: 'jwk' });
  // Required members only, in lexicographic order, without whitespace (section 3.2).
  if (kty === 'RSA') return sha256(JSON.stringify({ e, kty, n }));
  if (kty === 'EC') return sha256(JSON.stringify({ crv, kty, x, y }));
  throw new TypeError('a thumbprint is made of RSA and EC keys only');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
