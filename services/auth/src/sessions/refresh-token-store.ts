import { sql } from '@gatehouse/postgres';
import type { RefreshTokenRecords } from '../common/base.ts';
import type { Db } from '../database.ts';

/** Refresh tokens, by statements on `db`. */
export function refreshTokenRecords(db: Db): RefreshTokenRecords {
  return {
    async insert(row) {
      await db
        .insertInto('refresh_token')
        .values({
          token_hash: row.hash,
          session_id: row.sessionId,
          created_at: row.createdAt,
          expires_at: row.expiresAt,
        })
        .execute();
    },

    async find(hash) {
      const row = await db
        .selectFrom('refresh_token as token')
        .leftJoin('refresh_token as successor', 'successor.token_hash', 'token.successor_hash')
        .select([
          'token.session_id',
          'token.expires_at',
          'token.used_at',
          'token.successor_sealed',
          'successor.used_at as successor_used_at',
          'successor.expires_at as successor_expires_at',
        ])
        .where('token.token_hash', '=', hash)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      return {
        sessionId: row.session_id,
        expiresAt: row.expires_at,
        usedAt: row.used_at ?? undefined,
        successorSealed: row.successor_sealed ?? undefined,
        successorUsed: row.successor_used_at !== null,
        successorExpiresAt: row.successor_expires_at ?? undefined,
      };
    },

    async swap({ hash, successor, now, refreshTokenSeconds }) {
      // Whoever comes second waits for the row, finds it used, and swaps nothing.
      const { rows } = await sql<{ session_id: string }>`
        WITH used AS (
          UPDATE refresh_token
          SET used_at = ${now}, successor_hash = ${successor.hash},
              successor_sealed = ${successor.sealed}
          FROM session JOIN account USING (account_id)
          WHERE refresh_token.token_hash = ${hash}
            AND refresh_token.used_at IS NULL
            AND refresh_token.expires_at > ${now}
            AND session.session_id = refresh_token.session_id
            AND session.revoked_at IS NULL AND session.expires_at > ${now}
            AND account.status = 'ACTIVE'
          RETURNING session.session_id, session.ends_at
        )
        INSERT INTO refresh_token (token_hash, session_id, created_at, expires_at)
        SELECT ${successor.hash}, session_id, ${now},
               least(${now}::timestamptz + make_interval(secs => ${refreshTokenSeconds}), ends_at)
        FROM used
        RETURNING session_id`.execute(db);
      return rows[0]?.session_id;
    },

    async forgetSealed(hash) {
      await db
        .updateTable('refresh_token')
        .set({ successor_sealed: null })
        .where('successor_hash', '=', hash)
        .execute();
    },
  };
}
