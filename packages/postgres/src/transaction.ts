import { setTimeout as delay } from 'node:timers/promises';
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
const FIRST_PAUSE_MS = 5;

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
    // Those who met once should not meet again: each pause is random below a doubling limit.
    await delay(Math.random() * FIRST_PAUSE_MS * 2 ** attempt);
  }
}
