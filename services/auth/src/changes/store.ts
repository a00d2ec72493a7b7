import { type Selectable, sql, untraced } from '@gatehouse/postgres';
import type { ChangeRecords, CommittedChange, NewChange } from '../common/base.ts';
import { LIFETIMES, revocationExpiry, secondsAfter } from '../common/lifetimes.ts';
import type { AccessChangeTable, Db } from '../database.ts';

/** Access changes in commit order (ADR 0003), by statements on `db`. */
export function changeRecords(db: Db): ChangeRecords {
  return {
    async append(change, now) {
      const { position } = await db
        .updateTable('access_position')
        .set({ position: sql<bigint>`position + 1` })
        .returning('position')
        .executeTakeFirstOrThrow();
      await db
        .insertInto('access_change')
        .values({ position, ...rowOf(change), made_at: now, expires_at: expiryOf(change, now) })
        .execute();
    },

    async listAfter(position, limit) {
      const query = db
        .selectFrom('access_change')
        .selectAll()
        .where('position', '>', position)
        .orderBy('position')
        .limit(limit);
      // Asked four times a second, for nobody's request.
      const rows = await untraced(() => query.execute());
      return rows.map(committed);
    },

    async position() {
      const row = await db
        .selectFrom('access_position')
        .select('position')
        .executeTakeFirstOrThrow();
      return row.position;
    },

    async snapshot(now) {
      // One statement sees one moment: these are the changes up to that position, all of them.
      const rows = await db
        .selectFrom('access_position as last')
        .leftJoin('access_change as change', (join) =>
          join.on('change.expires_at', '>', now).on('change.kind', '<>', 'keys_changed'),
        )
        .selectAll('change')
        .select('last.position as last_position')
        .orderBy('change.position')
        .execute();
      const changes = rows.flatMap((row) => (isChange(row) ? [committed(row)] : []));
      return { position: rows[0]?.last_position ?? 0n, changes };
    },

    async isTokenRevoked(jti, now) {
      const row = await db
        .selectFrom('access_change')
        .select(sql<number>`1`.as('found'))
        .where('about', '=', jti)
        .where('kind', '=', 'token_revoked')
        .where('expires_at', '>', now)
        .executeTakeFirst();
      return row !== undefined;
    },
  };
}

type ChangeRow = Selectable<AccessChangeTable>;

function isChange(row: { [K in keyof ChangeRow]: ChangeRow[K] | null }): row is ChangeRow {
  return row.position !== null;
}

function rowOf(change: NewChange) {
  const about = change.kind === 'keys_changed' ? '' : change.about;
  const version = 'version' in change ? change.version : null;
  return { kind: change.kind, about, version };
}

function expiryOf(change: NewChange, now: Date): Date {
  if (change.kind === 'keys_changed') return secondsAfter(now, LIFETIMES.keysChangedSeconds);
  if (change.kind === 'key_revoked') return secondsAfter(now, LIFETIMES.keyRevokedSeconds);
  return revocationExpiry(now);
}

function committed(row: ChangeRow): CommittedChange {
  return {
    position: row.position,
    kind: row.kind,
    about: row.about,
    version: row.version ?? 0,
    expiresAt: row.expires_at,
  };
}
