/**
 * Auth's signing key, opened by whoever owns the data folder, so that the tour and tests can show
 * tokens with one fault only. Never called by a service.
 */
import { createDecipheriv, createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDatabase } from '@gatehouse/postgres';
import type { Signer } from '@gatehouse/tokens';
import { layoutOf } from '../layout.ts';
import { POSTGRES } from '../parts.ts';

interface AuthTables {
  signing_key: {
    kid: string;
    purpose: string;
    sealed_private: Buffer | null;
    signs_from: Date;
    revoked_at: Date | null;
  };
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Opens the key with which the auth of an embedded platform signs access tokens.
 *
 * @param running.dataDir - its folder: the key-encryption key and the password of auth's role.
 * @param running.portOffset - at which its Postgres runs.
 * @throws Error when folder and database do not match.
 */
export async function openAuthKey(running: {
  readonly dataDir: string;
  readonly portOffset: number;
}): Promise<Signer> {
  const { kekFile, keys } = layoutOf(running.dataDir);
  const password = (await readFile(join(keys, 'postgres-auth'), 'utf8')).trim();
  const port = (POSTGRES.ports.sql ?? 0) + running.portOffset;
  const url = `postgres://gatehouse_auth:${password}@127.0.0.1:${port}/gatehouse_auth`;
  const log = { info: () => undefined, warn: () => undefined };
  const database = openDatabase<AuthTables>({ url, name: 'tour', log });
  try {
    const { kid, sealed_private } = await database.read
      .selectFrom('signing_key')
      .select(['kid', 'sealed_private'])
      .where('purpose', '=', 'access')
      .where('revoked_at', 'is', null)
      .where('signs_from', '<=', new Date())
      .orderBy('signs_from', 'desc')
      .executeTakeFirstOrThrow();
    if (sealed_private === null) throw new Error('the signing key was erased');
    const key = decryptedByAny(await readFile(kekFile, 'utf8'), { sealed: sealed_private, kid });
    return {
      kid,
      alg: 'RS256',
      privateKey: createPrivateKey({ key, format: 'der', type: 'pkcs8' }),
    };
  } finally {
    await database.close();
  }
}

interface Sealed {
  readonly sealed: Buffer;
  readonly kid: string;
}

// While the key-encryption key changes, the file holds two.
function decryptedByAny(keks: string, secret: Sealed): Buffer {
  for (const line of keks.trim().split(/\s+/)) {
    try {
      return decrypted(Buffer.from(line, 'base64'), secret);
    } catch {
      // Encrypted under another one.
    }
  }
  throw new Error('the signing key is encrypted under another key-encryption key');
}

// As auth encrypts it: nonce, tag, ciphertext of AES-256-GCM, bound to the key's id.
function decrypted(kek: Buffer, { sealed, kid }: Sealed): Buffer {
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', kek, nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  decipher.setAAD(Buffer.from(`gatehouse signing key ${kid}`));
  const ciphertext = sealed.subarray(NONCE_BYTES + TAG_BYTES);
  return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
}
