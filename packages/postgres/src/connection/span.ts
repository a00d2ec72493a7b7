import { AsyncLocalStorage } from 'node:async_hooks';
import { GatehouseError } from '@gatehouse/errors';
import { type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { SqlError } from '../errors.ts';

/** Which database a span is about. */
export interface SpanTarget {
  /** The database's name. */
  readonly database: string;
  readonly host: string;
  readonly port: number;
}

const untracedWork = new AsyncLocalStorage<true>();

/**
 * Runs work whose statements leave no spans: a poll that would drown everyone's traces.
 *
 * @example
 * ```ts
 * import { type Kysely, untraced } from '@gatehouse/postgres';
 *
 * function look(db: Kysely<{ job: { job_id: string } }>) {
 *   return untraced(() => db.selectFrom('job').select('job_id').execute());
 * }
 * ```
 */
export function untraced<R>(work: () => R): R {
  return untracedWork.run(true, work);
}

/**
 * Runs a statement in a span of its own, by OpenTelemetry's conventions for databases (1.33).
 *
 * The span has the statement as it was sent, which is with placeholders, and never a parameter. What
 * a caller writes into the text itself (`sql.lit`, `sql.raw`) is shown: never put a value there.
 */
export function withStatementSpan<R>(
  target: SpanTarget,
  statement: string,
  run: () => Promise<R>,
): Promise<R> {
  if (untracedWork.getStore() === true) return run();
  const operation = operationOf(statement);
  const attributes = {
    'db.system.name': 'postgresql',
    'db.namespace': target.database,
    'db.operation.name': operation,
    'db.query.text': statement,
    'server.address': target.host,
    'server.port': target.port,
  };
  const name = `${operation} ${target.database}`;
  // Asked for each time: a process may set up telemetry after this module was loaded.
  const tracer = trace.getTracer('@gatehouse/postgres');
  return tracer.startActiveSpan(name, { kind: SpanKind.CLIENT, attributes }, async (span) => {
    try {
      return await run();
    } catch (error) {
      recordFailure(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}

function recordFailure(span: Span, error: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR });
  if (error instanceof SqlError) {
    span.setAttributes({
      'db.response.status_code': error.sqlState,
      'error.type': error.sqlState,
    });
    return;
  }
  span.setAttribute('error.type', error instanceof GatehouseError ? error.code : '_OTHER');
}

function operationOf(statement: string): string {
  return (/^\s*([a-z]+)/i.exec(statement)?.[1] ?? 'SQL').toUpperCase();
}
