import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals a secret with AES-256-GCM under a random nonce: nonce, tag, ciphertext.
 *
 * @param key - 32 bytes, used for fewer than 2^32 secrets (NIST SP 800-38D, 8.3).
 * @param secret.purpose - bound to the result: what was sealed for one purpose opens for no other.
 */
export function seal(
  key: Buffer,
  secret: { readonly plain: Buffer; readonly purpose: string },
): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(secret.purpose));
  const ciphertext = Buffer.concat([cipher.update(secret.plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]);
}

/**
 * Opens what {@link seal} made.
 *
 * @throws Error when key or purpose is another, or a bit was changed.
 */
export function open(
  key: Buffer,
  { sealed, purpose }: { readonly sealed: Buffer; readonly purpose: string },
): Buffer {
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  decipher.setAAD(Buffer.from(purpose));
  const ciphertext = sealed.subarray(NONCE_BYTES + TAG_BYTES);
  return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
}
