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
export {
  type CommitLog,
  type CommitLogTables,
  type CommittedRows,
  commitLog,
} from './commit-log.ts';
export { type Database, type DatabaseOptions, openDatabase } from './database.ts';
export {
  type AdminReport,
  checkAdmin,
  type EnsureDatabaseOptions,
  ensureDatabase,
} from './ensure.ts';
export { isUniqueViolation, postgresErrors, SqlError } from './errors.ts';
export { firstOrThrow } from './first.ts';
export { newId } from './id.ts';
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
export type { MigrationSet } from './migrate.ts';
export { type Page, type PageOptions, readPage } from './page.ts';
export type { Log } from './pool.ts';
export { untraced } from './span.ts';
export { Tail, type TailEvent, type TailOptions } from './tail.ts';
export { DatabaseUrlError } from './tls.ts';
export { afterCommit, type TransactionOptions } from './transaction.ts';
