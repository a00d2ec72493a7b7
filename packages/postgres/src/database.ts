import { Kysely, type Transaction } from 'kysely';
import type pg from 'pg';
import { tracedDialect } from './connection/dialect.ts';
import { type Log, openPool, takeConnection } from './connection/pool.ts';
import type { SpanTarget } from './connection/span.ts';
import { type MigrationSet, migrate } from './schema/migrate.ts';
import { runTransaction, type TransactionOptions } from './transaction.ts';

/** How to reach a database. */
export interface DatabaseOptions {
  /**
   * `postgres://role:password@host:5432/name`, with the query parameters that `pg` knows; those of TLS
   * as libpq has them (see `targetOfUrl`).
   */
  readonly url: string;
  /** The service's name, as Postgres shows it (`application_name`). */
  readonly name: string;
  /** Connections at most, 1 or more. Default 5. */
  readonly maxConnections?: number;
  /** How long to wait for a connection, a free or a new one, before `postgres.unavailable`. Default 5000. */
  readonly connectTimeoutMs?: number;
  readonly log: Log;
}

/**
 * One service's database.
 *
 * A database that is unreachable is `postgres.unavailable`, from any of these; it is found again by itself.
 * A statement runs for 10 s at most (`postgres.timeout`). What Postgres refuses is an `SqlError`.
 */
export interface Database<Tables> {
  /** Statements outside a transaction, each on a connection of its own. */
  readonly read: Kysely<Tables>;

  /**
   * Runs work in one transaction: committed when it returns, undone when it throws.
   *
   * On a serialization failure or a deadlock the work is run again, so it must do nothing but
   * statements of `tx`: no calls to others, no changes of variables outside; `afterCommit` is for
   * those. When they do not end, `postgres.conflict`. When the connection is lost during the commit the outcome is not known:
   * `postgres.unavailable`, and nothing is repeated.
   */
  transaction<R>(
    work: (tx: Transaction<Tables>) => Promise<R>,
    options?: TransactionOptions,
  ): Promise<R>;

  /**
   * Brings the schema up to date: each `0001_name.sql` of a folder that was not run yet, in order,
   * each in a transaction of its own. Replicas of a service may do so at the same time.
   *
   * @param folder - a `file:` URL that ends in `/`.
   * @param sets - of the packages that keep tables in this database, such as `LEASES`. Each has an order
   *   of its own, and all of them run before those of the folder.
   * @returns the names of those that this call ran; those of a set as `lease/0001_lease.sql`.
   * @throws `postgres.migration`, its cause naming the file: a bad name, one that was changed after
   *   it ran, one that ran and is gone, one out of order, or one that failed (which is undone).
   */
  migrate(folder: URL, sets?: readonly MigrationSet[]): Promise<readonly string[]>;

  /** Resolves when the database responds. Leaves no span, so that it can be called every second. */
  check(): Promise<void>;

  /** Waits for what is running, then closes the connections. Safe to call again. */
  close(): Promise<void>;
}

const DEFAULT_MAX_CONNECTIONS = 5;
const DEFAULT_CONNECT_TIMEOUT_MS = 5_000;

/**
 * Opens a database. Connects when it is first used, so this succeeds while Postgres is unreachable.
 *
 * `int8` comes as a bigint, `timestamptz` as a Date, `numeric` and `date` as strings.
 *
 * @example
 * ```ts
 * import { newId, openDatabase } from '@gatehouse/postgres';
 *
 * const log = { info: () => undefined, warn: console.warn };
 * const url = 'postgres://notes:secret@localhost:5432/notes';
 * const database = openDatabase<{ note: { note_id: string } }>({ url, name: 'notes', log });
 * await database.migrate(new URL('../migrations/', import.meta.url));
 * const row = { note_id: newId('nte') };
 * await database.transaction((tx) => tx.insertInto('note').values(row).execute());
 * await database.close();
 * ```
 * @throws Error when the URL is not one of Postgres, DatabaseUrlError when its TLS parameters are invalid;
 *   neither quotes the URL.
 */
export function openDatabase<Tables>(options: DatabaseOptions): Database<Tables> {
  const target = targetOf(options.url);
  const connectTimeoutMs = options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS;
  const pool = openPool({
    url: options.url,
    name: options.name,
    maxConnections: options.maxConnections ?? DEFAULT_MAX_CONNECTIONS,
    connectTimeoutMs,
    log: options.log,
  });
  const read = new Kysely<Tables>({ dialect: tracedDialect(pool, target) });
  let closing: Promise<void> | undefined;
  return {
    read,
    transaction: (work, transactionOptions) =>
      runTransaction(read, work, { ...transactionOptions, log: options.log }),
    migrate: (folder, sets = []) => migrate(folder, sets, { ...options, connectTimeoutMs }),
    check: () => check(pool),
    close: () => {
      // Kysely ends the pool only after it was used once.
      closing ??= pool.end();
      return closing;
    },
  };
}

async function check(pool: pg.Pool): Promise<void> {
  const connection = await takeConnection(pool);
  try {
    await connection.run('select 1', []);
  } finally {
    connection.release();
  }
}

function targetOf(url: string): SpanTarget {
  const parsed = URL.parse(url);
  if (parsed === null || !/^postgres(ql)?:$/.test(parsed.protocol)) {
    throw new Error('the database URL must look like postgres://role:password@host:5432/name');
  }
  return {
    database: decodeURIComponent(parsed.pathname.slice(1)),
    host: parsed.hostname,
    port: parsed.port === '' ? 5432 : Number(parsed.port),
  };
}
