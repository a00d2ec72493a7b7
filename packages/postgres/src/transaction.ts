import { setTimeout as delay } from 'node:timers/promises';
import { backOffMs } from '@gatehouse/runtime';
import type { IsolationLevel, Kysely, Transaction } from 'kysely';
import { isRetryable, postgresErrors } from './errors.ts';

/** How a transaction is run. */
export interface TransactionOptions {
  /** Default: `'read committed'`, as Postgres has it. */
  readonly isolationLevel?: Extract<
    IsolationLevel,
    'read committed' | 'repeatable read' | 'serializable'
  >;
}

const ATTEMPTS = 6;
const BACK_OFF = { firstMs: 10, maxMs: 320 };

/**
 * Runs work in a transaction, six times at most while serialization failures and deadlocks undo it.
 *
 * @throws `postgres.conflict` after the last attempt; everything else as the work threw it.
 */
export async function runTransaction<Tables, R>(
  db: Kysely<Tables>,
  work: (tx: Transaction<Tables>) => Promise<R>,
  options: TransactionOptions = {},
): Promise<R> {
  const builder = db.transaction().setIsolationLevel(options.isolationLevel ?? 'read committed');
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await builder.execute(work);
    } catch (error) {
      if (!isRetryable(error)) throw error;
      if (attempt === ATTEMPTS) throw postgresErrors.CONFLICT({ cause: error });
    }
    // Those who met once should not meet again.
    await delay(backOffMs(attempt, BACK_OFF));
  }
}
