/**
 * A service's database: Kysely over `pg`, transactions, plain-SQL migrations, ids, and the making of
 * databases. The only package that imports `pg`; services take Kysely's words from here too.
 */
export {
  type ColumnType,
  type Generated,
  type Insertable,
  type Kysely,
  type Selectable,
  sql,
  type Transaction,
  type Updateable,
} from 'kysely';
export type { Log } from './connection/pool.ts';
export { untraced } from './connection/span.ts';
export { DatabaseUrlError } from './connection/tls.ts';
export { type Database, type DatabaseOptions, openDatabase } from './database.ts';
export { isUniqueViolation, postgresErrors, SqlError } from './errors.ts';
export {
  acquireLease,
  assertLease,
  holdsLease,
  isLeased,
  LEASES,
  type Lease,
  type LeaseRequest,
  releaseLease,
  renewLease,
} from './lease.ts';
export { firstOrThrow } from './rows/first.ts';
export { newId } from './rows/id.ts';
export { type Page, type PageOptions, readPage } from './rows/page.ts';
export {
  type AdminReport,
  checkAdmin,
  type EnsureDatabaseOptions,
  ensureDatabase,
} from './schema/ensure.ts';
export type { MigrationSet } from './schema/migrate.ts';
export {
  type CommitLog,
  type CommitLogTables,
  type CommittedRows,
  commitLog,
} from './tail/commit-log.ts';
export { Tail, type TailEvent, type TailOptions } from './tail/tail.ts';
export { afterCommit, type TransactionOptions } from './transaction.ts';
