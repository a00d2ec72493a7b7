import {
  type Dialect,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  type PostgresQueryResult,
} from 'kysely';
import type pg from 'pg';
import { type PooledConnection, takeConnection } from './pool.ts';
import { type SpanTarget, withStatementSpan } from './span.ts';

/** Kysely on a pool, with a span for each statement, `begin` and `commit` included. */
export function tracedDialect(pool: pg.Pool, target: SpanTarget): Dialect {
  const traced: PostgresPool = {
    options: {},
    connect: async () => tracedClient(await takeConnection(pool), target),
    end: () => pool.end(),
  };
  return new PostgresDialect({ pool: traced });
}

function tracedClient(connection: PooledConnection, target: SpanTarget): PostgresPoolClient {
  const query = async <R>(
    statement: string,
    parameters: readonly unknown[],
  ): Promise<PostgresQueryResult<R>> => {
    const run = () => connection.run(statement, parameters);
    const { command, rowCount, rows } = await withStatementSpan(target, statement, run);
    return {
      command: command as PostgresQueryResult<R>['command'],
      rowCount: rowCount ?? 0,
      rows: rows as R[],
    };
  };
  // Kysely asks for cursors by the same name, only when it was given a cursor class; it was not.
  return { query: query as PostgresPoolClient['query'], release: connection.release };
}
