/**
 * Refresh tokens: 256 random bits in base64url. Stored as SHA-256, which is enough where there is
 * nothing to guess. A successor is sealed under a key derived from its predecessor (HKDF-SHA-256),
 * which the database does not know.
 */
import { createHash, hkdfSync, randomBytes } from 'node:crypto';
import { open, seal } from '../common/sealing.ts';

const TOKEN_BYTES = 32;
const PURPOSE = 'gatehouse refresh successor';

export function createRefreshToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

export function hashRefreshToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Seals a successor so that only the bearer of its predecessor can open it. */
export function sealSuccessor(predecessor: string, successor: string): Buffer {
  return seal(keyFrom(predecessor), { plain: Buffer.from(successor), purpose: PURPOSE });
}

/** @throws Error when it is the successor of another token. */
export function openSuccessor(predecessor: string, sealed: Buffer): string {
  return open(keyFrom(predecessor), { sealed, purpose: PURPOSE }).toString();
}

function keyFrom(predecessor: string): Buffer {
  return Buffer.from(hkdfSync('sha256', predecessor, '', PURPOSE, 32));
}
