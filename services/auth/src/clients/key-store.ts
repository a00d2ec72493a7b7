import type { Db } from '../database.ts';
import type { ClientRecords } from './client-ports.ts';

/** Public keys of clients, by statements on `db`. */
export function clientKeyRecords(db: Db): Pick<ClientRecords, 'keysOf' | 'addKey' | 'removeKey'> {
  return {
    async keysOf(clientId) {
      const rows = await db
        .selectFrom('client_key')
        .select(['kid', 'alg', 'public_spki'])
        .where('client_id', '=', clientId)
        .orderBy('created_at', 'desc')
        .execute();
      return rows.map(({ kid, alg, public_spki }) => ({ kid, alg, publicKeySpki: public_spki }));
    },

    async addKey(clientId, { kid, alg, publicKeySpki }, now) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('client_key')
        .values({ client_id: clientId, kid, alg, public_spki: publicKeySpki, created_at: now })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return numInsertedOrUpdatedRows === 1n;
    },

    async removeKey(clientId, kid) {
      const { numDeletedRows } = await db
        .deleteFrom('client_key')
        .where('client_id', '=', clientId)
        .where('kid', '=', kid)
        .executeTakeFirst();
      return numDeletedRows === 1n;
    },
  };
}
