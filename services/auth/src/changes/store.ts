/** Access changes in the database, in commit order (ADR 0003). */
import { type CommittedRows, commitLog, type Selectable, sql } from '@gatehouse/postgres';
import type { Db } from '../database.ts';
import { type CommittedChange, expiryOf, type NewChange } from './rules.ts';
import type { AccessChangeTable } from './tables.ts';

type ChangeRow = Selectable<AccessChangeTable>;

const LOG = commitLog<ChangeRow>({ rows: 'access_change', counter: 'access_position' });

/** Adds a change at the next position. Call it last: others wait for it until the transaction ends. */
export async function append(tx: Db, change: NewChange, now: Date): Promise<void> {
  const position = await LOG.next(tx);
  await tx
    .insertInto('access_change')
    .values({
      position,
      kind: change.kind,
      about: 'about' in change ? change.about : '',
      version: 'version' in change ? change.version : null,
      made_at: now,
      expires_at: expiryOf(change, now),
    })
    .execute();
}

/** The changes, for a tail. */
export function committed(db: Db): CommittedRows<CommittedChange> {
  const log = LOG.on(db);
  return {
    position: log.position,
    after: async (position, limit) => (await log.after(position, limit)).map(changeOf),
  };
}

export interface ChangeSnapshot {
  readonly position: bigint;
  readonly changes: readonly CommittedChange[];
}

/** Revocations that still matter, and the position up to which they are complete. */
export async function snapshot(db: Db, now: Date): Promise<ChangeSnapshot> {
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
  const changes = rows.flatMap((row) => (isChange(row) ? [changeOf(row)] : []));
  return { position: rows[0]?.last_position ?? 0n, changes };
}

/** Whether this token id was revoked by itself. */
export async function isTokenRevoked(db: Db, jti: string, now: Date): Promise<boolean> {
  const row = await db
    .selectFrom('access_change')
    .select(sql<number>`1`.as('found'))
    .where('about', '=', jti)
    .where('kind', '=', 'token_revoked')
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return row !== undefined;
}

/** Deletes those that nobody needs any more. */
export async function deleteExpired(db: Db, now: Date): Promise<void> {
  await db.deleteFrom('access_change').where('expires_at', '<', now).execute();
}

function isChange(row: { [K in keyof ChangeRow]: ChangeRow[K] | null }): row is ChangeRow {
  return row.position !== null;
}

function changeOf(row: ChangeRow): CommittedChange {
  return {
    position: row.position,
    kind: row.kind,
    about: row.about,
    version: row.version ?? 0,
    expiresAt: row.expires_at,
  };
}
