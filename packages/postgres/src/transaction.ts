import { setTimeout as delay } from 'node:timers/promises';
import { backOffMs } from '@gatehouse/runtime';
import type { IsolationLevel, Kysely, Transaction } from 'kysely';
import type { Log } from './connection/pool.ts';
import { isRetryable, postgresErrors } from './errors.ts';

/** How a transaction is run. */
export interface TransactionOptions {
  /** Default: `'read committed'`, as Postgres has it. */
  readonly isolationLevel?: Extract<
    IsolationLevel,
    'read committed' | 'repeatable read' | 'serializable'
  >;
}

type Hook = () => void | Promise<void>;

const ATTEMPTS = 6;
const BACK_OFF = { firstMs: 10, maxMs: 320 };

// By the transaction, so that a library which is given no more than that can add to them.
const hooksOf = new WeakMap<object, Hook[]>();

/**
 * Runs work in a transaction, six times at most while serialization failures and deadlocks undo it. The
 * hooks of the attempt that is committed are run, and those of no other.
 *
 * @throws `postgres.conflict` after the last attempt; everything else as the work threw it.
 */
export async function runTransaction<Tables, R>(
  db: Kysely<Tables>,
  work: (tx: Transaction<Tables>) => Promise<R>,
  { isolationLevel = 'read committed', log }: TransactionOptions & { readonly log: Log },
): Promise<R> {
  const builder = db.transaction().setIsolationLevel(isolationLevel);
  for (let attempt = 1; ; attempt += 1) {
    const hooks: Hook[] = [];
    try {
      const result = await builder.execute((tx) => {
        hooksOf.set(tx, hooks);
        return work(tx);
      });
      runHooks(hooks, log);
      return result;
    } catch (error) {
      if (!isRetryable(error)) throw error;
      if (attempt === ATTEMPTS) throw postgresErrors.CONFLICT({ cause: error });
    }
    // Those who met once should not meet again.
    await delay(backOffMs(attempt, BACK_OFF));
  }
}

/**
 * Has something done once the transaction is committed: a relay woken, a cache entry dropped.
 *
 * It is done once, however often the work of the transaction was run, and not at all when the transaction
 * is undone or nobody knows what became of it. So it is a hint: what must happen is a row in the
 * transaction. Hooks are called in their order before `transaction` returns; what one goes on with is not
 * waited for, and one that fails is logged.
 *
 * @example
 * ```ts
 * import { afterCommit, type Database } from '@gatehouse/postgres';
 *
 * async function addNote(database: Database<{ note: { text: string } }>, wakeRelay: () => void) {
 *   await database.transaction(async (tx) => {
 *     await tx.insertInto('note').values({ text: 'Hello' }).execute();
 *     afterCommit(tx, wakeRelay);
 *   });
 * }
 * ```
 * @param tx - as the work of `Database.transaction` was given it.
 * @throws Error when it is no such transaction.
 */
export function afterCommit<Tables>(tx: Transaction<Tables>, hook: Hook): void {
  const hooks = hooksOf.get(tx);
  if (hooks === undefined) throw new Error('afterCommit takes the tx of Database.transaction');
  hooks.push(hook);
}

function runHooks(hooks: readonly Hook[], log: Log): void {
  for (const hook of hooks) void runHook(hook, log);
}

async function runHook(hook: Hook, log: Log): Promise<void> {
  try {
    await hook();
  } catch (err) {
    log.warn({ err }, 'a hook after commit failed');
  }
}
