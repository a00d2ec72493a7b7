/** Sessions in the database. Live: not revoked, and neither of its ends has come. */
import type { Db } from '../database.ts';
import type { EndReason, Session } from './rules.ts';
import type { SessionTable } from './tables.ts';

export async function insert(db: Db, session: Session): Promise<void> {
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
}

export async function findLive(db: Db, sessionId: string, now: Date): Promise<Session | undefined> {
  const row = await live(db, now).where('session_id', '=', sessionId).executeTakeFirst();
  return row && sessionOf(row);
}

/** Newest first; all of them unless a limit is given. */
export async function listLive(
  db: Db,
  accountId: string,
  { now, limit }: { readonly now: Date; readonly limit?: number },
): Promise<readonly Session[]> {
  const rows = await live(db, now)
    .where('account_id', '=', accountId)
    .orderBy('created_at', 'desc')
    .orderBy('session_id', 'desc')
    .$if(limit !== undefined, (query) => query.limit(limit ?? 0))
    .execute();
  return rows.map(sessionOf);
}

/** A session; with an account, only if it is that account's. */
export interface SessionKey {
  readonly sessionId: string;
  readonly accountId?: string;
}

/** @returns false when it is not live, or not this account's. */
export async function revoke(
  db: Db,
  { sessionId, accountId }: SessionKey,
  { reason, now }: { readonly reason: EndReason; readonly now: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('session')
    .set({ revoked_at: now, revoked_for: reason })
    .where('session_id', '=', sessionId)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .$if(accountId !== undefined, (query) => query.where('account_id', '=', accountId ?? ''))
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/**
 * Deletes those that ended before a moment, their refresh tokens with them. One that was refreshed on
 * time keeps its used tokens, so that the reuse of any of them is still recognised.
 */
export async function deleteEnded(db: Db, before: Date): Promise<void> {
  await db.deleteFrom('session').where('expires_at', '<', before).execute();
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
