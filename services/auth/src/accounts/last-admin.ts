/** There is always an administrator who can log in, once there is one. */
import { sql } from '@gatehouse/postgres';
import { authErrors } from '../common/errors.ts';
import type { Db } from '../database.ts';
import type { Account } from './rules.ts';

// Any number that nobody else locks.
const LOCK = 0x61646d69;

/**
 * Waits for its turn among everything that can take an administrator away, until the transaction ends: two
 * administrators who demote each other would else both find the other one still there. Taken before any row.
 */
export async function lockAdmins(tx: Db): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(${LOCK})`.execute(tx);
}

/**
 * Makes sure that somebody else is an administrator, after {@link lockAdmins}.
 *
 * @throws auth.last_admin
 */
export async function assertNotLastAdmin(tx: Db, { id, status, roles }: Account): Promise<void> {
  if (status !== 'ACTIVE' || !roles.includes('admin')) return;
  const other = await tx
    .selectFrom('account')
    .select('account_id')
    .where('status', '=', 'ACTIVE')
    .where('account_id', '<>', id)
    .where(sql<boolean>`'admin' = any(roles)`)
    .limit(1)
    .executeTakeFirst();
  if (other === undefined) throw authErrors.LAST_ADMIN();
}
