/** Refresh tokens in the database: hashed, each with at most one successor. */
import { sql } from '@gatehouse/postgres';
import { isRole } from '../accounts/roles.ts';
import type { Db } from '../database.ts';
import type { SessionHolder } from './rules.ts';

/** A refresh token as it is stored: never in clear. */
export interface RefreshTokenRow {
  readonly hash: Buffer;
  readonly sessionId: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export async function insert(db: Db, row: RefreshTokenRow): Promise<void> {
  await db
    .insertInto('refresh_token')
    .values({
      token_hash: row.hash,
      session_id: row.sessionId,
      created_at: row.createdAt,
      expires_at: row.expiresAt,
    })
    .execute();
}

/** The use of a token: its one successor, in the two forms in which it is stored. */
export interface Rotation {
  readonly hash: Buffer;
  readonly successor: { readonly hash: Buffer; readonly sealed: Buffer };
  readonly now: Date;
  /** When the successor ends, unless its session ends before. */
  readonly expiresAt: Date;
}

/** Whom a session belongs to, and when its new refresh token ends. */
export interface RotatedSession extends SessionHolder {
  readonly refreshExpiresAt: Date;
}

/**
 * The compare-and-swap: uses an unused, unexpired token of a live session of an active account, once;
 * inserts its successor; erases the sealed form of the token in its predecessor; and moves the idle
 * end of the session. One statement, so that it is one round trip and that of any number of callers
 * one wins (ADR 0060).
 *
 * @returns undefined for everyone else, and when the session was revoked meanwhile.
 */
export async function rotate(
  db: Db,
  { hash, successor, now, expiresAt }: Rotation,
): Promise<RotatedSession | undefined> {
  // Whoever comes second waits for the token's row, finds it used, and swaps nothing. The session's row
  // orders a refresh and the end of its session: Postgres looks at `revoked_at` again after the wait.
  const { rows } = await sql<HolderRow & { expires_at: Date }>`
    WITH used AS (
      UPDATE refresh_token
      SET used_at = ${now}, successor_hash = ${successor.hash}, successor_sealed = ${successor.sealed}
      FROM session JOIN account USING (account_id)
      WHERE refresh_token.token_hash = ${hash}
        AND refresh_token.used_at IS NULL AND refresh_token.expires_at > ${now}
        AND session.session_id = refresh_token.session_id
        AND session.revoked_at IS NULL AND session.expires_at > ${now}
        AND account.status = 'ACTIVE'
      RETURNING session.session_id, account.account_id, account.roles, account.version
    ), moved AS (
      UPDATE session
      SET last_used_at = ${now}, expires_at = least(${expiresAt}::timestamptz, ends_at)
      FROM used
      WHERE session.session_id = used.session_id
        AND session.revoked_at IS NULL AND session.expires_at > ${now}
      RETURNING session.session_id, session.narrowed_scope, session.expires_at,
                used.account_id, used.roles, used.version
    ), inserted AS (
      INSERT INTO refresh_token (token_hash, session_id, created_at, expires_at)
      SELECT ${successor.hash}, session_id, ${now}, expires_at FROM moved
    ), opened AS (
      UPDATE refresh_token SET successor_sealed = NULL
      FROM used WHERE refresh_token.successor_hash = ${hash}
    )
    SELECT * FROM moved`.execute(db);
  const [row] = rows;
  return row && { ...holderOf(row), refreshExpiresAt: row.expires_at };
}

/** A token that somebody shows, with the session that it is of. */
export interface ShownToken {
  readonly sessionId: string;
  readonly expiresAt: Date;
  readonly usedAt: Date | undefined;
  readonly successorSealed: Buffer | undefined;
  readonly successorUsed: boolean;
  /** When the successor ends; undefined while there is none. */
  readonly successorExpiresAt: Date | undefined;
  /** Undefined when the session is not live. */
  readonly session: (SessionHolder & { readonly lastUsedAt: Date }) | undefined;
  /** Whether the account of the session is active. */
  readonly isActive: boolean;
}

/** Finds a token, used or not. */
export async function find(db: Db, hash: Buffer, now: Date): Promise<ShownToken | undefined> {
  const row = await db
    .selectFrom('refresh_token as token')
    .innerJoin('session', 'session.session_id', 'token.session_id')
    .innerJoin('account', 'account.account_id', 'session.account_id')
    .leftJoin('refresh_token as successor', 'successor.token_hash', 'token.successor_hash')
    .select([
      'token.session_id',
      'token.expires_at',
      'token.used_at',
      'token.successor_sealed',
      'successor.used_at as successor_used_at',
      'successor.expires_at as successor_expires_at',
      'session.narrowed_scope',
      'session.last_used_at',
      'session.revoked_at',
      'session.expires_at as session_expires_at',
      'account.account_id',
      'account.roles',
      'account.version',
      'account.status',
    ])
    .where('token.token_hash', '=', hash)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const isLive = row.revoked_at === null && row.session_expires_at > now;
  return {
    sessionId: row.session_id,
    expiresAt: row.expires_at,
    usedAt: row.used_at ?? undefined,
    successorSealed: row.successor_sealed ?? undefined,
    successorUsed: row.successor_used_at !== null,
    successorExpiresAt: row.successor_expires_at ?? undefined,
    session: isLive ? { ...holderOf(row), lastUsedAt: row.last_used_at } : undefined,
    isActive: row.status === 'ACTIVE',
  };
}

/** Erases the sealed successors of tokens that were used before a moment. */
export async function eraseSealed(db: Db, usedBefore: Date): Promise<void> {
  await db
    .updateTable('refresh_token')
    .set({ successor_sealed: null })
    .where('successor_sealed', 'is not', null)
    .where('used_at', '<', usedBefore)
    .execute();
}

interface HolderRow {
  readonly session_id: string;
  readonly narrowed_scope: string | null;
  readonly account_id: string;
  readonly roles: readonly string[];
  readonly version: number;
}

function holderOf(row: HolderRow): SessionHolder {
  return {
    sessionId: row.session_id,
    narrowedScope: row.narrowed_scope ?? undefined,
    accountId: row.account_id,
    roles: row.roles.filter(isRole),
    version: row.version,
  };
}
