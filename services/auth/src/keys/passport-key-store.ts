import type { Selectable } from '@gatehouse/postgres';
import type { Db, PassportKeyTable } from '../database.ts';
import type { PassportKeyRecords, PassportKeyRow } from './key-ports.ts';

/** Registered passport keys, by statements on `db`. */
export function passportKeyRecords(db: Db): PassportKeyRecords {
  return {
    async hold(kid) {
      const row = await db
        .selectFrom('passport_key')
        .selectAll()
        .where('kid', '=', kid)
        .forUpdate()
        .executeTakeFirst();
      return row && passportKeyOf(row);
    },

    async upsert(row, now) {
      await db
        .insertInto('passport_key')
        .values({
          kid: row.kid,
          issuer: row.issuer,
          public_spki: row.publicKeySpki,
          registered_at: now,
          lease_expires_at: row.leaseExpiresAt,
          revoked_at: null,
        })
        .onConflict((conflict) =>
          conflict.column('kid').doUpdateSet({ lease_expires_at: row.leaseExpiresAt }),
        )
        .execute();
    },

    async listLeasedSince(since) {
      const rows = await db
        .selectFrom('passport_key')
        .selectAll()
        .where('lease_expires_at', '>=', since)
        .where('revoked_at', 'is', null)
        .orderBy('registered_at')
        .orderBy('kid')
        .execute();
      return rows.map(passportKeyOf);
    },

    async revoke(kid, now) {
      const { numUpdatedRows } = await db
        .updateTable('passport_key')
        .set({ revoked_at: now })
        .where('kid', '=', kid)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },

    async isOwn(kid) {
      const row = await db
        .selectFrom('signing_key')
        .select('kid')
        .where('kid', '=', kid)
        .executeTakeFirst();
      return row !== undefined;
    },

    async useProof(jti, expiresAt) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('used_proof')
        .values({ jti, expires_at: expiresAt })
        .onConflict((conflict) => conflict.column('jti').doNothing())
        .executeTakeFirst();
      return numInsertedOrUpdatedRows === 1n;
    },
  };
}

function passportKeyOf(row: Selectable<PassportKeyTable>): PassportKeyRow {
  return {
    kid: row.kid,
    issuer: row.issuer,
    publicKeySpki: row.public_spki,
    registeredAt: row.registered_at,
    leaseExpiresAt: row.lease_expires_at,
    revokedAt: row.revoked_at ?? undefined,
  };
}
