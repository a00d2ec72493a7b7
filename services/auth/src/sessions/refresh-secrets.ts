import { createHash, hkdfSync, randomBytes } from 'node:crypto';
import type { RefreshSecrets } from '../common/base.ts';
import { open, seal } from '../common/sealing.ts';

const TOKEN_BYTES = 32;
const PURPOSE = 'gatehouse refresh successor';

/**
 * Refresh tokens: 256 random bits in base64url. Stored as SHA-256, which is enough where there is
 * nothing to guess. A successor is sealed under a key derived from its predecessor (HKDF-SHA-256),
 * which the database does not know.
 */
export const refreshSecrets: RefreshSecrets = {
  create: () => randomBytes(TOKEN_BYTES).toString('base64url'),
  hash: (token) => createHash('sha256').update(token).digest(),
  seal: (predecessor, successor) =>
    seal(keyFrom(predecessor), { plain: Buffer.from(successor), purpose: PURPOSE }),
  open: (predecessor, sealed) =>
    open(keyFrom(predecessor), { sealed, purpose: PURPOSE }).toString(),
};

function keyFrom(predecessor: string): Buffer {
  return Buffer.from(hkdfSync('sha256', predecessor, '', PURPOSE, 32));
}
