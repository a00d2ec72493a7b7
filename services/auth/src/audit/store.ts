import type { Origin } from '../common/base.ts';
import type { Db } from '../database.ts';
import type { AuditAction } from './rules.ts';

/** What is written down. No secret, and no e-mail that someone merely typed. */
export interface AuditEntry {
  readonly actor: string;
  readonly action: AuditAction;
  readonly target: string;
  readonly origin: Origin;
  readonly at: Date;
}

/** Adds an entry, in the transaction of what it is about. */
export async function record(db: Db, { origin, ...entry }: AuditEntry): Promise<void> {
  const values = { ...entry, client_address: origin.address, trace_id: origin.traceId };
  await db.insertInto('audit').values(values).execute();
}
