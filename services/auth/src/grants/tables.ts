import type { ColumnType, Generated } from '@gatehouse/postgres';
import type { RequestContext } from './rules.ts';

export interface GrantTable {
  readonly grant_id: string;
  readonly parent_id: string | null;
  readonly workload: string;
  readonly client_id: string;
  readonly account_id: string;
  readonly account_version: number;
  readonly txn: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly call_chain: string;
  readonly request_context: ColumnType<RequestContext, string, never>;
  readonly method: string;
  readonly purpose: string;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly revoked_at: Generated<Date | null>;
}
