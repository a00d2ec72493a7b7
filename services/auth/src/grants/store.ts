import { type Selectable, sql } from '@gatehouse/postgres';
import type { Db, GrantTable } from '../database.ts';
import type { GrantRecords } from './grant-ports.ts';
import type { TransactionGrant } from './rules.ts';

/** Transaction grants, by statements on `db`. Live: not revoked, not over, its client not disabled. */
export function grantRecords(db: Db): GrantRecords {
  return {
    async insert(grant) {
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
    },

    async findLive(grantId, now) {
      const row = await live(db, now).where('grant_id', '=', grantId).executeTakeFirst();
      return row && grantOf(row);
    },

    async listLive({ accountId, limit }, now) {
      const rows = await live(db, now)
        .$if(accountId !== undefined, (query) => query.where('account_id', '=', accountId ?? ''))
        .orderBy('transaction_grant.created_at', 'desc')
        .orderBy('grant_id', 'desc')
        .limit(limit)
        .execute();
      return rows.map(grantOf);
    },

    async revoke(grantId, now, workload) {
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
    },
  };
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
