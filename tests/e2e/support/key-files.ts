/** The keys that a platform keeps in files, to be looked for elsewhere. */
import { createPrivateKey } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { target } from './config.ts';
import type { Secret } from './ledger.ts';

/**
 * The private keys of certificates (their secret number), the key-encryption key, and what else
 * lies in the folder `keys`.
 */
export function keysInFiles(): readonly Secret[] {
  const { dataDir } = target();
  const files = readdirSync(dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !join(entry.parentPath).includes('/postgres/'))
    .map((entry) => join(entry.parentPath, entry.name));
  const pems = files
    .filter((file) => file.endsWith('.pem'))
    .map((file) => readFileSync(file, 'utf8'));
  const certificateKeys = pems
    .filter((pem) => pem.includes('PRIVATE KEY'))
    .map((pem) => createPrivateKey(pem).export({ format: 'jwk' }).d ?? '');
  const others = files
    .filter((file) => file.startsWith(join(dataDir, 'keys/')))
    .map((file) => readFileSync(file, 'utf8').trim());
  return [...certificateKeys, ...others].map((value) => ({ kind: 'key', value }));
}
