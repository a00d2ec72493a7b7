/** Transaction grants in the database. Live: not revoked, not over, its client not disabled. */
import { type Selectable, sql } from '@gatehouse/postgres';
import type { Db } from '../database.ts';
import type { TransactionGrant } from './rules.ts';
import type { GrantTable } from './tables.ts';

export async function insert(db: Db, grant: TransactionGrant): Promise<void> {
  await db
    .insertInto('transaction_grant')
    .values({
      grant_id: grant.id,
      parent_id: grant.parentId ?? null,
      workload: grant.workload,
      client_id: grant.clientId,
      account_id: grant.accountId,
      account_version: grant.accountVersion,
      txn: grant.txn,
      scopes: [...grant.scopes],
      roles: [...grant.roles],
      call_chain: grant.callChain.join(','),
      request_context: JSON.stringify(grant.requestContext),
      method: grant.method,
      purpose: grant.purpose,
      created_at: grant.createdAt,
      expires_at: grant.expiresAt,
    })
    .execute();
}

/** One that is neither revoked nor over, and whose client is not disabled. */
export async function findLive(
  db: Db,
  grantId: string,
  now: Date,
): Promise<TransactionGrant | undefined> {
  const row = await live(db, now).where('grant_id', '=', grantId).executeTakeFirst();
  return row && grantOf(row);
}

export interface GrantFilter {
  readonly accountId?: string;
  readonly limit: number;
}

/** Newest first, live ones only. */
export async function listLive(
  db: Db,
  { accountId, limit }: GrantFilter,
  now: Date,
): Promise<readonly TransactionGrant[]> {
  const rows = await live(db, now)
    .$if(accountId !== undefined, (query) => query.where('account_id', '=', accountId ?? ''))
    .orderBy('transaction_grant.created_at', 'desc')
    .orderBy('grant_id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(grantOf);
}

/** A grant; with a workload, only if it is that workload's. */
export interface GrantKey {
  readonly grantId: string;
  readonly workload?: string;
}

/** Revokes it and every grant that came from it. @returns whether there was one to revoke. */
export async function revoke(db: Db, { grantId, workload }: GrantKey, now: Date): Promise<boolean> {
  const isTheirs = workload === undefined ? sql`true` : sql`workload = ${workload}`;
  const { rows } = await sql<{ grant_id: string }>`
    WITH RECURSIVE family AS (
      SELECT grant_id FROM transaction_grant
      WHERE grant_id = ${grantId} AND revoked_at IS NULL AND expires_at > ${now} AND ${isTheirs}
      UNION
      SELECT child.grant_id FROM transaction_grant child JOIN family
        ON child.parent_id = family.grant_id
    )
    UPDATE transaction_grant SET revoked_at = ${now}
    WHERE grant_id IN (SELECT grant_id FROM family) AND revoked_at IS NULL
    RETURNING grant_id`.execute(db);
  return rows.length > 0;
}

/** Deletes those that ended before a moment. */
export async function deleteEnded(db: Db, before: Date): Promise<void> {
  await db.deleteFrom('transaction_grant').where('expires_at', '<', before).execute();
}

function live(db: Db, now: Date) {
  return db
    .selectFrom('transaction_grant')
    .innerJoin('client', 'client.client_id', 'transaction_grant.client_id')
    .selectAll('transaction_grant')
    .where('client.disabled_at', 'is', null)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now);
}

function grantOf(row: Selectable<GrantTable>): TransactionGrant {
  return {
    id: row.grant_id,
    parentId: row.parent_id ?? undefined,
    workload: row.workload,
    clientId: row.client_id,
    accountId: row.account_id,
    accountVersion: row.account_version,
    txn: row.txn,
    scopes: row.scopes,
    roles: row.roles,
    callChain: row.call_chain.split(','),
    requestContext: row.request_context,
    method: row.method,
    purpose: row.purpose,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at ?? undefined,
  };
}
