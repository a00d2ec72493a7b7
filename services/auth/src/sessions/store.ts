import type { SessionRecords } from '../common/base.ts';
import type { Db, SessionTable } from '../database.ts';
import type { Session } from './rules.ts';

/** Sessions, by statements on `db`. Live: not revoked, and neither of its ends has come. */
export function sessionRecords(db: Db): SessionRecords {
  return {
    async insert(session) {
      await db
        .insertInto('session')
        .values({
          session_id: session.id,
          account_id: session.accountId,
          narrowed_scope: session.narrowedScope ?? null,
          client_address: session.clientAddress,
          created_at: session.createdAt,
          last_used_at: session.lastUsedAt,
          expires_at: session.expiresAt,
          ends_at: session.endsAt,
        })
        .execute();
    },

    async findLive(sessionId, now) {
      const row = await live(db, now).where('session_id', '=', sessionId).executeTakeFirst();
      return row && sessionOf(row);
    },

    async listLive(accountId, now, limit) {
      const rows = await live(db, now)
        .where('account_id', '=', accountId)
        .orderBy('created_at', 'desc')
        .orderBy('session_id', 'desc')
        .$if(limit !== undefined, (query) => query.limit(limit ?? 0))
        .execute();
      return rows.map(sessionOf);
    },

    async touch(sessionId, now, expiresAt) {
      const row = await db
        .updateTable('session')
        .set({ last_used_at: now, expires_at: expiresAt })
        .where('session_id', '=', sessionId)
        .where('revoked_at', 'is', null)
        .where('expires_at', '>', now)
        .returningAll()
        .executeTakeFirst();
      return row && sessionOf(row);
    },

    async revoke({ sessionId, accountId }, reason, now) {
      const { numUpdatedRows } = await db
        .updateTable('session')
        .set({ revoked_at: now, revoked_for: reason })
        .where('session_id', '=', sessionId)
        .where('revoked_at', 'is', null)
        .where('expires_at', '>', now)
        .$if(accountId !== undefined, (query) => query.where('account_id', '=', accountId ?? ''))
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },
  };
}

function live(db: Db, now: Date) {
  return db
    .selectFrom('session')
    .selectAll()
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now);
}

function sessionOf(row: SessionTable): Session {
  return {
    id: row.session_id,
    accountId: row.account_id,
    narrowedScope: row.narrowed_scope ?? undefined,
    clientAddress: row.client_address,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
    endsAt: row.ends_at,
  };
}
