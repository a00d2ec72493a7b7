import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ClientSecrets } from './manage.ts';

const SECRET_BYTES = 32;

/** Client secrets: 256 random bits in base64url, kept as SHA-256, compared in constant time. */
export const clientSecrets: ClientSecrets = {
  create: () => randomBytes(SECRET_BYTES).toString('base64url'),
  hash,
  isOneOf: (secret, hashes) => {
    const presented = hash(secret);
    let found = false;
    // All of them, so that the time does not tell which one it was.
    for (const known of hashes) {
      if (known.length === presented.length && timingSafeEqual(known, presented)) found = true;
    }
    return found;
  },
};

function hash(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
