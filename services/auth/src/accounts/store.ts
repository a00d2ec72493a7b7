/** Accounts in the database. */
import { type Selectable, sql } from '@gatehouse/postgres';
import type { Db } from '../database.ts';
import { isRole, type Role } from './roles.ts';
import type { Account, AccountStatus } from './rules.ts';
import type { AccountTable } from './tables.ts';

// Word for word as in the index, by which Postgres knows which one is meant.
const HOLDS_ITS_EMAIL = sql<boolean>`status <> 'FAILED'`;

/** The account that holds this normalised e-mail; one that FAILED holds none. */
export async function findByEmail(db: Db, email: string): Promise<Account | undefined> {
  const row = await db
    .selectFrom('account')
    .selectAll()
    .where('email', '=', email)
    .where('status', '<>', 'FAILED')
    .executeTakeFirst();
  return row && accountOf(row);
}

export async function find(db: Db, accountId: string): Promise<Account | undefined> {
  const row = await byId(db, accountId).executeTakeFirst();
  return row && accountOf(row);
}

/** Like {@link find}, and no one changes the row until the transaction ends. */
export async function hold(
  db: Db,
  accountId: string,
  strength: 'change' | 'keep',
): Promise<Account | undefined> {
  const query = byId(db, accountId);
  const held = strength === 'change' ? query.forUpdate() : query.forShare();
  const row = await held.executeTakeFirst();
  return row && accountOf(row);
}

/** @returns false when the e-mail is taken. */
export async function insert(db: Db, account: Account): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('account')
    .values({
      account_id: account.id,
      email: account.email,
      status: account.status,
      password_hash: account.passwordHash,
      roles: account.roles,
      version: account.version,
      created_at: account.createdAt,
      updated_at: account.createdAt,
    })
    .onConflict((conflict) => conflict.column('email').where(HOLDS_ITS_EMAIL).doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

/** PENDING → ACTIVE. @returns false when it was not PENDING. */
export async function activate(
  db: Db,
  accountId: string,
  { roles, now }: { readonly roles: readonly Role[]; readonly now: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await leavePending(db, accountId, { status: 'ACTIVE', now })
    .set({ roles: [...roles] })
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** PENDING → FAILED, which frees the e-mail. @returns false when it was not PENDING. */
export async function giveUp(db: Db, accountId: string, now: Date): Promise<boolean> {
  const query = leavePending(db, accountId, { status: 'FAILED', now });
  const { numUpdatedRows } = await query.executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Sign-ups that were given up, of which the user service was not told yet. */
export async function listFailed(db: Db, limit: number): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('account')
    .select('account_id')
    .where('status', '=', 'FAILED')
    .orderBy('account_id')
    .limit(limit)
    .execute();
  return rows.map((row) => row.account_id);
}

export async function deleteFailed(db: Db, accountId: string): Promise<void> {
  await db
    .deleteFrom('account')
    .where('account_id', '=', accountId)
    .where('status', '=', 'FAILED')
    .execute();
}

/** What of an account changes and raises its version. */
export interface AccountUpdate {
  readonly roles?: readonly Role[];
  readonly status?: 'ACTIVE' | 'SUSPENDED';
  readonly passwordHash?: string;
  readonly now: Date;
}

/** Changes it and raises its version. @returns the new version. */
export async function update(
  db: Db,
  accountId: string,
  { roles, status, passwordHash, now }: AccountUpdate,
): Promise<number> {
  const { version } = await db
    .updateTable('account')
    .set((column) => ({
      version: column('version', '+', 1),
      updated_at: now,
      ...(roles === undefined ? {} : { roles: [...roles] }),
      ...(status === undefined ? {} : { status }),
      ...(passwordHash === undefined ? {} : { password_hash: passwordHash }),
    }))
    .where('account_id', '=', accountId)
    .returning('version')
    .executeTakeFirstOrThrow();
  return version;
}

function accountOf(row: Selectable<AccountTable>): Account {
  return {
    id: row.account_id,
    email: row.email,
    status: row.status,
    passwordHash: row.password_hash,
    roles: row.roles.filter(isRole),
    version: row.version,
    createdAt: row.created_at,
  };
}

function byId(db: Db, accountId: string) {
  return db.selectFrom('account').selectAll().where('account_id', '=', accountId);
}

function leavePending(
  db: Db,
  accountId: string,
  { status, now }: { readonly status: AccountStatus; readonly now: Date },
) {
  return db
    .updateTable('account')
    .set({ status, updated_at: now })
    .where('account_id', '=', accountId)
    .where('status', '=', 'PENDING');
}
