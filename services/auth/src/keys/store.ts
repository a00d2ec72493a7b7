import { type Selectable, sql } from '@gatehouse/postgres';
import type { Db, SigningKeyTable } from '../database.ts';
import type { SigningKeyRecords, StoredKey } from './key-ports.ts';

// Any number that nobody else locks in this database.
const LOCK = 4_170_216_093;

/** Auth's own signing keys, by statements on `db`. */
export function signingKeyRecords(db: Db): SigningKeyRecords {
  return {
    async hold() {
      await sql`SELECT pg_advisory_xact_lock(${LOCK})`.execute(db);
    },

    async list() {
      const rows = await db.selectFrom('signing_key').selectAll().orderBy('signs_from').execute();
      return rows.map(storedKeyOf);
    },

    async insert(key) {
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
    },

    async revoke(kids, now) {
      if (kids.length === 0) return;
      await db
        .updateTable('signing_key')
        .set({ revoked_at: now, sealed_private: null })
        .where('kid', 'in', kids)
        .execute();
    },

    async erase(kids) {
      if (kids.length === 0) return;
      await db
        .updateTable('signing_key')
        .set({ sealed_private: null })
        .where('kid', 'in', kids)
        .execute();
    },

    async reseal(kid, sealedPrivate) {
      await db
        .updateTable('signing_key')
        .set({ sealed_private: sealedPrivate })
        .where('kid', '=', kid)
        .execute();
    },

    async canary() {
      const row = await db.selectFrom('kek_canary').select('sealed').executeTakeFirst();
      return row?.sealed;
    },

    async putCanary(sealed) {
      await db.deleteFrom('kek_canary').execute();
      await db.insertInto('kek_canary').values({ sealed }).execute();
    },
  };
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
