import type { Db } from '../database.ts';
import type { Cleaner } from './housekeeping.ts';

/** Deletes what is over, by statements on `db`. */
export function postgresCleaner(db: Db): Cleaner {
  return {
    async eraseSealedSuccessors(usedBefore) {
      await db
        .updateTable('refresh_token')
        .set({ successor_sealed: null })
        .where('successor_sealed', 'is not', null)
        .where('used_at', '<', usedBefore)
        .execute();
    },

    async deleteExpired({ now, leasesEndedBefore, endedBefore }) {
      await db.deleteFrom('access_change').where('expires_at', '<', now).execute();
      await db.deleteFrom('used_proof').where('expires_at', '<', now).execute();
      await db
        .deleteFrom('passport_key')
        .where('lease_expires_at', '<', leasesEndedBefore)
        .where('revoked_at', 'is', null)
        .execute();
      // Its refresh tokens go with it. One that was refreshed on time keeps its used tokens, so
      // that the reuse of any of them is still recognised.
      await db.deleteFrom('transaction_grant').where('expires_at', '<', endedBefore).execute();
      await db.deleteFrom('session').where('expires_at', '<', endedBefore).execute();
    },
  };
}
