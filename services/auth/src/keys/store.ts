/** Auth's own signing keys in the database. */
import { type Selectable, sql } from '@gatehouse/postgres';
import type { Db } from '../database.ts';
import type { StoredKey } from './rules.ts';
import type { SigningKeyTable } from './tables.ts';

// Any number that nobody else locks in this database.
const LOCK = 4_170_216_093;

/** Takes the lock under which keys change, until the transaction ends: one replica at a time. */
export async function hold(tx: Db): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(${LOCK})`.execute(tx);
}

export async function list(db: Db): Promise<readonly StoredKey[]> {
  const rows = await db.selectFrom('signing_key').selectAll().orderBy('signs_from').execute();
  return rows.map(storedKeyOf);
}

/** Whether the key is one of auth's own. */
export async function isOwn(db: Db, kid: string): Promise<boolean> {
  const row = await db
    .selectFrom('signing_key')
    .select('kid')
    .where('kid', '=', kid)
    .executeTakeFirst();
  return row !== undefined;
}

export async function insert(db: Db, key: StoredKey): Promise<void> {
  await db
    .insertInto('signing_key')
    .values({
      kid: key.kid,
      purpose: key.purpose,
      alg: key.alg,
      public_spki: key.publicKeySpki,
      sealed_private: key.sealedPrivate ?? null,
      created_at: key.createdAt,
      signs_from: key.signsFrom,
      revoked_at: key.revokedAt ?? null,
    })
    .execute();
}

export async function revoke(db: Db, kids: readonly string[], now: Date): Promise<void> {
  if (kids.length === 0) return;
  await db
    .updateTable('signing_key')
    .set({ revoked_at: now, sealed_private: null })
    .where('kid', 'in', kids)
    .execute();
}

/** Erases the private halves. */
export async function erase(db: Db, kids: readonly string[]): Promise<void> {
  if (kids.length === 0) return;
  await db
    .updateTable('signing_key')
    .set({ sealed_private: null })
    .where('kid', 'in', kids)
    .execute();
}

export async function reseal(db: Db, kid: string, sealedPrivate: Buffer): Promise<void> {
  await db
    .updateTable('signing_key')
    .set({ sealed_private: sealedPrivate })
    .where('kid', '=', kid)
    .execute();
}

/** A known text under the key-encryption key in force. */
export async function canary(db: Db): Promise<Buffer | undefined> {
  const row = await db.selectFrom('kek_canary').select('sealed').executeTakeFirst();
  return row?.sealed;
}

export async function putCanary(db: Db, sealed: Buffer): Promise<void> {
  await db.deleteFrom('kek_canary').execute();
  await db.insertInto('kek_canary').values({ sealed }).execute();
}

function storedKeyOf(row: Selectable<SigningKeyTable>): StoredKey {
  return {
    kid: row.kid,
    purpose: row.purpose,
    alg: row.alg,
    publicKeySpki: row.public_spki,
    sealedPrivate: row.sealed_private ?? undefined,
    createdAt: row.created_at,
    signsFrom: row.signs_from,
    revokedAt: row.revoked_at ?? undefined,
  };
}
