/** Auth's own signing keys: made once, sealed in the database, opened at each start. */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { type Database, sql } from '@gatehouse/postgres';
import { type Clock, generateSigningKey, type SigningKey } from '@gatehouse/tokens';
import type { AuthTables, Db, SigningKeyTable } from './postgres/tables.ts';
import { open, seal } from './sealing.ts';

/** The keys that auth signs with. */
export interface SigningKeys {
  /** RS256: access tokens. */
  readonly access: SigningKey;
  /** ES256: passports in auth's own name. */
  readonly passport: SigningKey;
}

export interface SigningKeysOptions {
  readonly database: Database<AuthTables>;
  /** 32 bytes. */
  readonly keyEncryptionKey: Buffer;
  readonly clock: Clock;
  /** Makes the error for a key-encryption key that is not the one of this database. */
  readonly wrongKey: () => Error;
}

const CANARY = 'gatehouse key-encryption key';
// Any number that nobody else locks in this database: copies that start together make one set.
const LOCK = 4_170_216_093;
const ALGORITHMS = { access: 'RS256', passport: 'ES256' } as const;

/**
 * Opens the signing keys, and makes those that are missing.
 *
 * @throws what `wrongKey` makes, before anything is written, when the key-encryption key is not the
 *   one with which this database was sealed.
 */
export async function openSigningKeys(options: SigningKeysOptions): Promise<SigningKeys> {
  return options.database.transaction(async (tx) => {
    await sql`SELECT pg_advisory_xact_lock(${LOCK})`.execute(tx);
    await checkCanary(tx, options);
    return {
      access: await openOrMake(tx, 'access', options),
      passport: await openOrMake(tx, 'passport', options),
    };
  });
}

async function checkCanary(tx: Db, options: SigningKeysOptions): Promise<void> {
  const { keyEncryptionKey, wrongKey } = options;
  const canary = await tx.selectFrom('kek_canary').select('sealed').executeTakeFirst();
  if (canary === undefined) {
    const sealed = seal(keyEncryptionKey, { plain: Buffer.from(CANARY), purpose: CANARY });
    await tx.insertInto('kek_canary').values({ sealed }).execute();
    return;
  }
  try {
    open(keyEncryptionKey, { sealed: canary.sealed, purpose: CANARY });
  } catch {
    throw wrongKey();
  }
}

async function openOrMake(
  tx: Db,
  purpose: SigningKeyTable['purpose'],
  options: SigningKeysOptions,
): Promise<SigningKey> {
  const row = await tx
    .selectFrom('signing_key')
    .selectAll()
    .where('purpose', '=', purpose)
    .orderBy('created_at', 'desc')
    .executeTakeFirst();
  if (row !== undefined) return opened(row, options.keyEncryptionKey);
  const key = generateSigningKey(ALGORITHMS[purpose]);
  const plain = key.privateKey.export({ format: 'der', type: 'pkcs8' });
  await tx
    .insertInto('signing_key')
    .values({
      kid: key.kid,
      purpose,
      alg: key.alg,
      public_spki: key.publicKey.export({ format: 'der', type: 'spki' }),
      sealed_private: seal(options.keyEncryptionKey, { plain, purpose: purposeOf(key.kid) }),
      created_at: new Date(options.clock.nowMs()),
    })
    .execute();
  return key;
}

function opened(row: SigningKeyTable, keyEncryptionKey: Buffer): SigningKey {
  const sealed = row.sealed_private;
  const key = open(keyEncryptionKey, { sealed, purpose: purposeOf(row.kid) });
  return {
    kid: row.kid,
    alg: row.alg,
    privateKey: createPrivateKey({ key, format: 'der', type: 'pkcs8' }),
    publicKey: createPublicKey({ key: row.public_spki, format: 'der', type: 'spki' }),
  };
}

// Bound to its kid: a sealed key cannot be put in the place of another one.
function purposeOf(kid: string): string {
  return `gatehouse signing key ${kid}`;
}
