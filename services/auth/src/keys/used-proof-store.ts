/** Proofs of possession and assertions that were used: each is accepted once. */
import type { Db } from '../database.ts';

/** @returns false when the proof was used before. */
export async function use(db: Db, jti: string, expiresAt: Date): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('used_proof')
    .values({ jti, expires_at: expiresAt })
    .onConflict((conflict) => conflict.column('jti').doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

export async function deleteExpired(db: Db, now: Date): Promise<void> {
  await db.deleteFrom('used_proof').where('expires_at', '<', now).execute();
}
