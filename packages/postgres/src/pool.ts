/**
 * The connections to one database: a `pg` pool made safe. Its errors never kill the process or print
 * a client, each statement has a span, and every failure is one of ours.
 */
import type { PostgresPool, PostgresPoolClient } from 'kysely';

import pg from 'pg';
import { breaksConnection, connectErrorOf, statementErrorOf } from './errors.ts';
import { type SpanTarget, withStatementSpan } from './span.ts';

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
/** When the server does not answer at all: later than its own limit, so that it goes first. */
const READ_TIMEOUT_MS = 15_000;
/** A transaction that is open and does nothing holds locks; the server ends it. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000;

/** Opens a pool; connections are made when they are needed. */
export function openPool(options: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.url,
    application_name: options.name,
    max: options.maxConnections,
    connectionTimeoutMillis: options.connectTimeoutMs,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: READ_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    keepAlive: true,
    types: { getTypeParser },
  });
  // Without a listener, Postgres going away while a connection is idle ends the process. The error
  // has the client, and with it the password, as a member: log the message alone.
  pool.on('error', (error) => {
    options.log.warn({ reason: error.message }, 'lost an idle database connection');
  });
  return pool;
}

/** The pool as Kysely uses it. */
export function tracedPool(pool: pg.Pool, target: SpanTarget): PostgresPool {
  return {
    options: {},
    connect: async () => tracedClient(await connect(pool), target),
    end: () => pool.end(),
  };
}

/** Checks that the database answers, outside any span. */
export async function ping(pool: pg.Pool): Promise<void> {
  const client = await connect(pool);
  let broken = false;
  try {
    await client.query('select 1');
  } catch (error) {
    broken = true;
    throw statementErrorOf(error);
  } finally {
    client.release(broken);
  }
}

async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw connectErrorOf(error);
  }
}

function tracedClient(client: pg.PoolClient, target: SpanTarget): PostgresPoolClient {
  let broken = false;
  // The pool takes its own listener off a client that is in use. One that dies between two
  // statements of a transaction would end the process.
  const onError = () => {
    broken = true;
  };
  client.on('error', onError);
  const run = async (statement: string, parameters: readonly unknown[]) => {
    try {
      return await client.query(statement, [...parameters]);
    } catch (error) {
      broken ||= breaksConnection(error);
      throw statementErrorOf(error);
    }
  };
  return {
    query: ((statement: string, parameters: readonly unknown[]) =>
      withStatementSpan(target, statement, () =>
        run(statement, parameters ?? []),
      )) as PostgresPoolClient['query'],
    release: (destroy = false) => {
      client.off('error', onError);
      client.release(broken || destroy);
    },
  };
}

const INT8 = 20;
const INT8_ARRAY = 1016;
const DATE = 1082;
const parseArray = pg.types.getTypeParser(INT8_ARRAY as pg.types.builtins, 'text');

// A number cannot hold every int8, and a Date cannot say a day without a time zone.
function getTypeParser(oid: number, format?: 'text' | 'binary'): unknown {
  if (format !== 'binary') {
    if (oid === INT8) return BigInt;
    if (oid === INT8_ARRAY) return parseBigintArray;
    if (oid === DATE) return String;
  }
  return pg.types.getTypeParser(oid, format as 'text');
}

function parseBigintArray(text: string): unknown {
  return (parseArray(text) as (string | null)[]).map((item) =>
    item === null ? null : BigInt(item),
  );
}
