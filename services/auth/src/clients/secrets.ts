/** Client secrets: 256 random bits in base64url, kept as SHA-256, compared in constant time. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const SECRET_BYTES = 32;

export function createSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** Whether a secret is one of those with these hashes, in the same time whichever it is. */
export function isOneOf(secret: string, hashes: readonly Buffer[]): boolean {
  const presented = hashSecret(secret);
  let found = false;
  // All of them, so that the time does not tell which one it was.
  for (const known of hashes) {
    if (known.length === presented.length && timingSafeEqual(known, presented)) found = true;
  }
  return found;
}
