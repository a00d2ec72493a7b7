/** Registered passport keys of gateways in the database. */
import type { Selectable } from '@gatehouse/postgres';
import type { Db } from '../database.ts';
import type { PassportKeyTable } from './tables.ts';

/** The public half of a gateway's passport key. */
export interface PassportKeyRow {
  readonly kid: string;
  /** SPIFFE ID that it is bound to. */
  readonly issuer: string;
  readonly publicKeySpki: Buffer;
  readonly registeredAt: Date;
  readonly leaseExpiresAt: Date;
  readonly revokedAt: Date | undefined;
}

/** No one else changes the row until the transaction ends. */
export async function hold(db: Db, kid: string): Promise<PassportKeyRow | undefined> {
  const row = await db
    .selectFrom('passport_key')
    .selectAll()
    .where('kid', '=', kid)
    .forUpdate()
    .executeTakeFirst();
  return row && passportKeyOf(row);
}

/** Adds it, or renews its lease. */
export async function upsert(db: Db, row: PassportKeyRow, now: Date): Promise<void> {
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
}

/** Keys whose lease ended no earlier than `since`, and that were not revoked. */
export async function listLeasedSince(db: Db, since: Date): Promise<readonly PassportKeyRow[]> {
  const rows = await db
    .selectFrom('passport_key')
    .selectAll()
    .where('lease_expires_at', '>=', since)
    .where('revoked_at', 'is', null)
    .orderBy('registered_at')
    .orderBy('kid')
    .execute();
  return rows.map(passportKeyOf);
}

/** For ever. @returns false when there is no such key that was not revoked before. */
export async function revoke(db: Db, kid: string, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('passport_key')
    .set({ revoked_at: now })
    .where('kid', '=', kid)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Deletes those whose lease ended before a moment; a revoked one stays, so that it never comes back. */
export async function deleteEnded(db: Db, before: Date): Promise<void> {
  await db
    .deleteFrom('passport_key')
    .where('lease_expires_at', '<', before)
    .where('revoked_at', 'is', null)
    .execute();
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
