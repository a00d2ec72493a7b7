/**
 * The connections to one database: a `pg` pool made safe. Its errors never end the process or print
 * a client, and every failure is one of ours.
 */

import type { ConnectionOptions } from 'node:tls';
import pg from 'pg';
import { breaksConnection, connectErrorOf, reasonOf, statementErrorOf } from '../errors.ts';
import { targetOfUrl } from './tls.ts';

/** The two calls of a logger that this package makes. A pino logger is one. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** What a pool needs to know. */
export interface PoolOptions {
  readonly url: string;
  readonly name: string;
  readonly maxConnections: number;
  readonly connectTimeoutMs: number;
  readonly log: Log;
}

/** A statement that takes longer is cut short by the server. */
const STATEMENT_TIMEOUT_MS = 10_000;
/** When the server does not respond at all: later than its own limit, so that it goes first. */
const READ_TIMEOUT_MS = 15_000;
/** A transaction that is open and does nothing holds locks; the server ends it. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000;

/** Opens a pool; connections are made when they are needed. @throws DatabaseUrlError */
export function openPool(options: PoolOptions): pg.Pool {
  const { url, tls } = targetOfUrl(options.url);
  const pool = new pg.Pool({
    ...(tls === undefined ? {} : { Client: clientWith(tls) }),
    connectionString: url,
    // Not what PGSSLMODE says: the URL alone decides.
    ssl: false,
    application_name: options.name,
    max: options.maxConnections,
    connectionTimeoutMillis: options.connectTimeoutMs,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: READ_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    keepAlive: true,
    types: { getTypeParser },
  });
  // Without a listener, Postgres stopping while a connection is idle ends the process.
  pool.on('error', (error) => {
    options.log.warn({ reason: reasonOf(error) }, 'lost an idle database connection');
  });
  return pool;
}

/** A client that reads its TLS files when it is made, not when the pool is. */
function clientWith(tls: () => ConnectionOptions): typeof pg.Client {
  return class extends pg.Client {
    constructor(config?: string | pg.ClientConfig) {
      super({ ...(typeof config === 'object' ? config : {}), ssl: tls() });
    }
  };
}

/** A connection for one user at a time, whose death and failures are already dealt with. */
export interface PooledConnection {
  run<R extends pg.QueryResultRow>(
    statement: string,
    parameters: readonly unknown[],
  ): Promise<pg.QueryResult<R>>;
  /** Gives it back; one that broke is closed. */
  release(destroy?: boolean): void;
}

/**
 * Takes a connection, a free or a new one.
 *
 * @throws `postgres.unavailable` when there is none within the time.
 */
export async function takeConnection(pool: pg.Pool): Promise<PooledConnection> {
  const client = await connect(pool);
  let broken = false;
  // The pool takes its own listener off a client that is in use. One that dies then, with or without
  // a statement, would end the process.
  const onError = () => {
    broken = true;
  };
  client.on('error', onError);
  return {
    run: async (statement, parameters) => {
      try {
        return await client.query(statement, [...parameters]);
      } catch (error) {
        broken ||= breaksConnection(error);
        throw statementErrorOf(error);
      }
    },
    release: (destroy = false) => {
      client.off('error', onError);
      client.release(broken || destroy);
    },
  };
}

async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw connectErrorOf(error);
  }
}

const INT8 = 20;
const DATE = 1082;

// A number cannot hold every int8, and a Date cannot say a day without a time zone.
function getTypeParser(oid: number, format?: 'text' | 'binary'): unknown {
  if (format !== 'binary' && oid === INT8) return BigInt;
  if (format !== 'binary' && oid === DATE) return String;
  return pg.types.getTypeParser(oid, format as 'text');
}
