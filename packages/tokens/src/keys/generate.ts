import { generateKeyPair, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { thumbprint } from './thumbprint.ts';
import type { Algorithm, PublicJwk, SigningKey } from './types.ts';

/**
 * Makes a key pair whose `kid` is its RFC 7638 thumbprint.
 *
 * Synchronous: ES256 takes well under a millisecond, RS256 (2048 bits, exponent 65537) can hold the
 * event loop for some hundred. The private key leaves this process only if you export it.
 *
 * @example
 * ```ts
 * import { generateSigningKey, toPublicJwk } from '@gatehouse/tokens';
 *
 * const key = generateSigningKey('ES256');
 * export const published = { keys: [toPublicJwk(key)] };
 * ```
 */
export function generateSigningKey(alg: Algorithm): SigningKey {
  const { privateKey, publicKey } =
    alg === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 65537 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return Object.freeze({ kid: thumbprint(publicKey), alg, privateKey, publicKey });
}

const generatePair = promisify(generateKeyPair);

/**
 * As {@link generateSigningKey}, on another thread: for a process that serves meanwhile.
 *
 * @example
 * ```ts
 * import { generateSigningKeyAsync } from '@gatehouse/tokens';
 *
 * export const nextKey = () => generateSigningKeyAsync('RS256');
 * ```
 */
export async function generateSigningKeyAsync(alg: Algorithm): Promise<SigningKey> {
  const { privateKey, publicKey } =
    alg === 'RS256'
      ? await generatePair('rsa', { modulusLength: 2048, publicExponent: 65537 })
      : await generatePair('ec', { namedCurve: 'P-256' });
  return Object.freeze({ kid: thumbprint(publicKey), alg, privateKey, publicKey });
}

/**
 * The public half as a member of a key set (RFC 7517, section 4). Never has a private member, even
 * when a private key is given by mistake.
 *
 * @param options.iss - the identity that the key is bound to, in a passport key set.
 * @throws TypeError when key and algorithm do not match.
 *
 * @example
 * ```ts
 * import { generateSigningKey, toPublicJwk } from '@gatehouse/tokens';
 *
 * const key = generateSigningKey('ES256');
 * export const bound = toPublicJwk(key, { iss: 'spiffe://gatehouse.local/gateway' });
 * ```
 */
export function toPublicJwk(
  key: { readonly kid: string; readonly alg: Algorithm; readonly publicKey: KeyObject },
  options: { readonly iss?: string } = {},
): PublicJwk {
  const { kty, n, e, crv, x, y } = key.publicKey.export({ format: 'jwk' });
  const base = {
    kid: key.kid,
    use: 'sig' as const,
    ...(options.iss === undefined ? {} : { iss: options.iss }),
  };
  if (key.alg === 'RS256' && kty === 'RSA' && n !== undefined && e !== undefined) {
    return { kty, alg: 'RS256', n, e, ...base };
  }
  const isP256 = key.alg === 'ES256' && kty === 'EC' && crv === 'P-256';
  if (isP256 && x !== undefined && y !== undefined) {
    return { kty, alg: 'ES256', crv, x, y, ...base };
  }
  throw new TypeError(`the key is not one for ${key.alg}`);
}
