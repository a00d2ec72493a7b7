import { defineErrors, GatehouseError } from '@gatehouse/errors';
import pg from 'pg';

// How `pg` 8 says that a connection is gone, or that its server does not respond.
const LOST_CONNECTION =
  /^(Connection terminated|Query read timeout|Client (has encountered|was closed))/;

/** What can go wrong between a service and its database. */
export const postgresErrors = defineErrors('postgres', {
  UNAVAILABLE: ['UNAVAILABLE', 'The database is unavailable. Try again shortly.'],
  TIMEOUT: ['DEADLINE_EXCEEDED', 'The database took longer than the time allowed for it.'],
  CONFLICT: ['ABORTED', 'Others changed the same data at the same time. Try again.'],
  LEASE_LOST: ['ABORTED', 'Another replica has taken over this work.'],
  MIGRATION: ['INTERNAL', 'The migrations do not fit the database. The log names the file.'],
  TAIL_ENDED: ['UNAVAILABLE', 'Following the log was interrupted. Follow it again.'],
});

/**
 * A statement that Postgres refused: what may be logged of its error.
 *
 * The server's own error also carries rows and values (`Key (email)=(…)`, `Failing row contains …`),
 * which must reach no log and no span. They are dropped here.
 */
export class SqlError extends Error {
  override readonly name = 'SqlError';
  /** Five characters (PostgreSQL manual, appendix A): `23505`. */
  readonly sqlState: string;
  readonly table: string | undefined;
  readonly column: string | undefined;
  readonly constraint: string | undefined;

  constructor(error: pg.DatabaseError) {
    super(safeMessageOf(error));
    this.sqlState = error.code ?? 'XX000';
    this.table = error.table;
    this.column = error.column;
    this.constraint = error.constraint;
  }
}

/**
 * Tells whether a statement broke a unique constraint.
 *
 * @example
 * ```ts
 * import { defineErrors } from '@gatehouse/errors';
 * import { isUniqueViolation, type Kysely } from '@gatehouse/postgres';
 *
 * const errors = defineErrors('account', { TAKEN: ['ALREADY_EXISTS', 'That e-mail is taken.'] });
 *
 * async function add(db: Kysely<{ account: { email: string } }>, email: string) {
 *   try {
 *     await db.insertInto('account').values({ email }).execute();
 *   } catch (error) {
 *     throw isUniqueViolation(error, 'account_email_taken') ? errors.TAKEN() : error;
 *   }
 * }
 * ```
 * @param constraint - the constraint's name; without it any will do.
 */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  return (
    error instanceof SqlError &&
    error.sqlState === '23505' &&
    (constraint === undefined || error.constraint === constraint)
  );
}

/** Serialization failure and deadlock: nothing was done, and the same work may succeed now. */
export function isRetryable(error: unknown): boolean {
  return error instanceof SqlError && (error.sqlState === '40001' || error.sqlState === '40P01');
}

/**
 * What a statement's failure becomes: `postgres.unavailable` when the connection or the server is
 * gone, `postgres.timeout` when the server cut the statement short, else {@link SqlError}. What is
 * neither the server's nor the connection's (a parameter that cannot be written) stays as it is.
 */
export function statementErrorOf(thrown: unknown): Error {
  if (thrown instanceof GatehouseError || thrown instanceof SqlError) return thrown;
  if (!(thrown instanceof pg.DatabaseError)) {
    return breaksConnection(thrown) ? unavailable(thrown) : (thrown as Error);
  }
  const error = new SqlError(thrown);
  if (error.sqlState === '57014') return postgresErrors.TIMEOUT({ cause: error });
  return meansServerGone(error.sqlState) ? unavailable(error) : error;
}

/** What a failure to get a connection becomes, whatever the reason: `postgres.unavailable`. */
export function connectErrorOf(thrown: unknown): GatehouseError {
  return unavailable(thrown instanceof pg.DatabaseError ? new SqlError(thrown) : thrown);
}

/** Whether a connection on which this happened is of no more use. */
export function breaksConnection(thrown: unknown): boolean {
  if (thrown instanceof pg.DatabaseError) return meansServerGone(thrown.code ?? '');
  if (!(thrown instanceof Error)) return false;
  return 'syscall' in thrown || LOST_CONNECTION.test(thrown.message);
}

/**
 * Why a connection failed, in words alone: the driver hangs the client on some of its errors, and
 * with it the password. Where several addresses were tried, the reason for each.
 */
export function reasonOf(thrown: unknown): string {
  if (thrown instanceof AggregateError) return thrown.errors.map(reasonOf).join('; ');
  const tls = tlsReasonOf(thrown);
  if (tls !== undefined) return tls;
  return thrown instanceof Error ? thrown.message : 'unknown';
}

const UNTRUSTED =
  /^(SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_(VERIFY|GET_ISSUER)|CERT_(UNTRUSTED|SIGNATURE))/;

/** What went wrong with TLS, in the words of the URL that asked for it. */
function tlsReasonOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const code = 'code' in thrown ? String(thrown.code) : '';
  if (UNTRUSTED.test(code)) {
    return `the server's certificate is of no authority in sslrootcert of the database URL (${code})`;
  }
  if (code === 'CERT_HAS_EXPIRED') return 'the certificate of the database server has expired';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return "the server's certificate is not for the host of the database URL, as sslmode=verify-full asks";
  }
  if (thrown.message.includes('does not support SSL')) {
    return 'the server has no TLS, which sslmode of the database URL asks for';
  }
  return undefined;
}

function unavailable(thrown: unknown): GatehouseError {
  const cause = thrown instanceof SqlError ? thrown : new Error(reasonOf(thrown));
  return postgresErrors.UNAVAILABLE({ cause, retryAfterSeconds: 1 });
}

// Class 08: connection exception. 57P: shut down, crashed, or starting. 53300: no more connections.
function meansServerGone(sqlState: string): boolean {
  return sqlState.startsWith('08') || sqlState.startsWith('57P') || sqlState === '53300';
}

// Class 22 (data exception) and P0 (raised by a function) quote values in the primary message too.
function safeMessageOf(error: pg.DatabaseError): string {
  const state = error.code ?? 'XX000';
  if (state.startsWith('22') || state.startsWith('P0')) return `statement refused (${state})`;
  return `${error.message} (${state})`;
}
