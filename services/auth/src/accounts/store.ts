import { type Selectable, sql } from '@gatehouse/postgres';
import type { AccountRecords } from '../common/base.ts';
import type { AccountTable, Db } from '../database.ts';
import { isRole } from './roles.ts';
import type { Account, AccountStatus } from './rules.ts';

// Word for word as in the index, by which Postgres knows which one is meant.
const HOLDS_ITS_EMAIL = sql<boolean>`status <> 'FAILED'`;

/** Accounts, by statements on `db`. */
export function accountRecords(db: Db): AccountRecords {
  return {
    async findByEmail(email) {
      const row = await db
        .selectFrom('account')
        .selectAll()
        .where('email', '=', email)
        .where('status', '<>', 'FAILED')
        .executeTakeFirst();
      return row && accountOf(row);
    },

    async find(accountId) {
      const row = await db
        .selectFrom('account')
        .selectAll()
        .where('account_id', '=', accountId)
        .executeTakeFirst();
      return row && accountOf(row);
    },

    async hold(accountId, strength) {
      const query = db.selectFrom('account').selectAll().where('account_id', '=', accountId);
      const held = strength === 'change' ? query.forUpdate() : query.forShare();
      const row = await held.executeTakeFirst();
      return row && accountOf(row);
    },

    async insert(account) {
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
    },

    async activate(accountId, roles, now) {
      const { numUpdatedRows } = await fromPending(db, accountId, 'ACTIVE', now)
        .set({ roles: [...roles] })
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },

    async giveUp(accountId, now) {
      const { numUpdatedRows } = await fromPending(db, accountId, 'FAILED', now).executeTakeFirst();
      return numUpdatedRows === 1n;
    },

    async listFailed(limit) {
      const rows = await db
        .selectFrom('account')
        .select('account_id')
        .where('status', '=', 'FAILED')
        .orderBy('account_id')
        .limit(limit)
        .execute();
      return rows.map((row) => row.account_id);
    },

    async deleteFailed(accountId) {
      await db
        .deleteFrom('account')
        .where('account_id', '=', accountId)
        .where('status', '=', 'FAILED')
        .execute();
    },

    async setRoles(accountId, roles, now) {
      const { version } = await raiseVersion(db, accountId, now)
        .set({ roles: [...roles] })
        .executeTakeFirstOrThrow();
      return version;
    },

    async setStatus(accountId, status, now) {
      const { version } = await raiseVersion(db, accountId, now)
        .set({ status })
        .executeTakeFirstOrThrow();
      return version;
    },

    async setPasswordHash(accountId, passwordHash, now) {
      const { version } = await raiseVersion(db, accountId, now)
        .set({ password_hash: passwordHash })
        .executeTakeFirstOrThrow();
      return version;
    },
  };
}

function fromPending(db: Db, accountId: string, status: AccountStatus, now: Date) {
  return db
    .updateTable('account')
    .set({ status, updated_at: now })
    .where('account_id', '=', accountId)
    .where('status', '=', 'PENDING');
}

function raiseVersion(db: Db, accountId: string, now: Date) {
  return db
    .updateTable('account')
    .set((column) => ({ version: column('version', '+', 1), updated_at: now }))
    .where('account_id', '=', accountId)
    .returning('version');
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
