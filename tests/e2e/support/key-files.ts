/** The keys that a platform keeps in files, to be looked for elsewhere. */
import { createPrivateKey } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { target } from './config.ts';
import type { Secret } from './ledger.ts';

/** Everything that a platform keeps secret in files, but for the demo users' passwords. */
const FOLDERS = ['ca', 'keys', 'run'] as const;

/**
 * The private keys of certificates (their secret number), the key-encryption key, and what else
 * lies in the folder `keys`.
 */
export function keysInFiles(): readonly Secret[] {
  return FOLDERS.flatMap((folder) => filesIn(join(target().dataDir, folder)))
    .flatMap(({ folder, name }) => secretsIn(folder, name))
    .map((value) => ({ kind: 'key', value }));
}

function filesIn(folder: string): readonly { readonly folder: string; readonly name: string }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => ({ folder: entry.parentPath, name: entry.name }));
}

function secretsIn(folder: string, name: string): readonly string[] {
  const content = readFileSync(join(folder, name), 'utf8');
  if (basename(folder) === 'keys') return [content.trim()];
  if (!content.includes('PRIVATE KEY')) return [];
  return [createPrivateKey(content).export({ format: 'jwk' }).d ?? ''];
}
