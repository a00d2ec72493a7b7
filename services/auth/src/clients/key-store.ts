/** Public keys of clients in the database. */
import type { Db } from '../database.ts';
import type { ClientKey } from './rules.ts';

/** The newest first. */
export async function list(db: Db, clientId: string): Promise<readonly ClientKey[]> {
  const rows = await db
    .selectFrom('client_key')
    .select(['kid', 'alg', 'public_spki'])
    .where('client_id', '=', clientId)
    .orderBy('created_at', 'desc')
    .execute();
  return rows.map(({ kid, alg, public_spki }) => ({ kid, alg, publicKeySpki: public_spki }));
}

/** @returns false when it is registered already. */
export async function add(
  db: Db,
  clientId: string,
  { kid, alg, publicKeySpki, now }: ClientKey & { readonly now: Date },
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('client_key')
    .values({ client_id: clientId, kid, alg, public_spki: publicKeySpki, created_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

/** @returns false when there is no such key. */
export async function remove(db: Db, clientId: string, kid: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('client_key')
    .where('client_id', '=', clientId)
    .where('kid', '=', kid)
    .executeTakeFirst();
  return numDeletedRows === 1n;
}
