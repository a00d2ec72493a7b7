import { type KeyObject, sign, verify } from 'node:crypto';
import { promisify } from 'node:util';
import type { Algorithm } from '../keys/types.ts';
import { derToRaw, rawToDer } from './ecdsa.ts';

const signAside: (hash: string, data: Buffer, key: KeyObject) => Promise<Buffer> = promisify(sign);

/** Both algorithms hash with SHA-256. */
const HASH = 'sha256';

/**
 * Signs the bytes `header.payload` (RFC 7515, section 5.1).
 *
 * @param key - RSA for RS256, P-256 for ES256; not checked here.
 */
export function signBytes(data: Buffer, alg: Algorithm, key: KeyObject): Buffer {
  const signature = sign(HASH, data, key);
  return alg === 'ES256' ? derToRaw(signature) : signature;
}

/** As {@link signBytes}, on another thread: the event loop goes on meanwhile. */
export async function signBytesAside(
  data: Buffer,
  alg: Algorithm,
  key: KeyObject,
): Promise<Buffer> {
  const signature = await signAside(HASH, data, key);
  return alg === 'ES256' ? derToRaw(signature) : signature;
}

/**
 * Whether a signature is this key's over these bytes.
 *
 * ES256 is malleable by definition: (r, n - s) verifies too. That is harmless here, since a token is
 * known by all its bytes (the cache) or by its `jti` (revocation), never by its signature.
 */
export function verifyBytes(
  data: Buffer,
  signature: Buffer,
  key: { readonly alg: Algorithm; readonly key: KeyObject },
): boolean {
  if (key.alg === 'RS256') return verify(HASH, data, key.key, signature);
  const der = rawToDer(signature);
  return der !== undefined && verify(HASH, data, key.key, der);
}
