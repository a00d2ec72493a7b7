import type { Generated } from '@gatehouse/postgres';

/** Rows are added, never changed: a trigger refuses it. */
export interface AuditTable {
  readonly audit_id: Generated<bigint>;
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly client_address: string;
  readonly trace_id: string;
}
