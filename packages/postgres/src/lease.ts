/**
 * Leases with a fence: of many replicas one does a piece of work, and one that was frozen for longer than
 * its lease lasts writes nothing when it wakes.
 *
 * Times are the database's, since replicas may disagree. Needs {@link LEASES} among the migrations.
 */
import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import { postgresErrors } from './errors.ts';
import type { MigrationSet } from './schema/migrate.ts';

/** The table of the leases, for `Database.migrate`. */
export const LEASES: MigrationSet = {
  name: 'lease',
  folder: new URL('../migrations/lease/', import.meta.url),
};

/** The right to do a piece of work. */
export interface Lease {
  readonly name: string;
  /** Higher than that of any holder before: the fence. */
  readonly epoch: bigint;
  readonly ttlMs: number;
}

/** Which lease, for whom, for how long. */
export interface LeaseRequest {
  /** Of the work: `asset-batch:2026-11-26`. */
  readonly name: string;
  /** Whoever asks, for people who look at the table. */
  readonly holder: string;
  /** How long it lasts after it was acquired or renewed. Renew it several times within that. */
  readonly ttlMs: number;
}

/**
 * Acquires a lease that nobody has, or whose holder did not renew it in time.
 *
 * A write that the holder before has under way is waited for: until it is committed, or the server ends
 * its transaction (idle for 30 s at most).
 *
 * @example
 * ```ts
 * import { acquireLease, assertLease, type Database, releaseLease } from '@gatehouse/postgres';
 *
 * async function tidyOnce(database: Database<{ note: { text: string } }>, replica: string) {
 *   const wanted = { name: 'tidy', holder: replica, ttlMs: 8_000 };
 *   const lease = await acquireLease(database.read, wanted);
 *   if (lease === undefined) return;
 *   await database.transaction(async (tx) => {
 *     await assertLease(tx, lease);
 *     await tx.deleteFrom('note').execute();
 *   });
 *   await releaseLease(database.read, lease);
 * }
 * ```
 * @returns undefined while somebody has it, be it the same holder.
 */
export async function acquireLease<Tables>(
  db: Kysely<Tables>,
  { name, holder, ttlMs }: LeaseRequest,
): Promise<Lease | undefined> {
  const { rows } = await sql<{ epoch: bigint }>`
    insert into lease (name, epoch, holder, expires_at) values (${name}, 1, ${holder}, ${end(ttlMs)})
    on conflict (name) do update
       set epoch = lease.epoch + 1, holder = excluded.holder, expires_at = ${end(ttlMs)}
     where lease.expires_at <= clock_timestamp()
    returning epoch`.execute(db);
  const [row] = rows;
  return row === undefined ? undefined : { name, epoch: row.epoch, ttlMs };
}

/**
 * Renews a lease from now on. One that has expired is renewed too, if nobody has taken it meanwhile.
 *
 * @example
 * ```ts
 * import { type Kysely, type Lease, renewLease } from '@gatehouse/postgres';
 *
 * async function goOn(db: Kysely<unknown>, lease: Lease, stop: () => void) {
 *   if (!(await renewLease(db, lease))) stop();
 * }
 * ```
 * @returns false when somebody else has it by now.
 */
export async function renewLease<Tables>(db: Kysely<Tables>, lease: Lease): Promise<boolean> {
  return touch(db, lease, end(lease.ttlMs));
}

/**
 * Gives a lease back, so that anyone can acquire it at once. Safe to repeat; changes nothing where
 * somebody else has it by now.
 *
 * @example
 * ```ts
 * import { type Kysely, type Lease, releaseLease } from '@gatehouse/postgres';
 *
 * async function shutDown(db: Kysely<unknown>, lease: Lease) {
 *   await releaseLease(db, lease);
 * }
 * ```
 */
export async function releaseLease<Tables>(db: Kysely<Tables>, lease: Lease): Promise<void> {
  await touch(db, lease, sql`'-infinity'`);
}

/**
 * Makes sure that the writes of a transaction count only under the lease: nobody takes it over until
 * the transaction has ended. Whether it has expired is not checked: what nobody took is still held.
 *
 * @example
 * ```ts
 * import { assertLease, type Database, type Lease } from '@gatehouse/postgres';
 *
 * function tidy(database: Database<{ note: { text: string } }>, lease: Lease) {
 *   return database.transaction(async (tx) => {
 *     await assertLease(tx, lease);
 *     await tx.deleteFrom('note').execute();
 *   });
 * }
 * ```
 * @throws GatehouseError `postgres.lease_lost` when somebody else has it by now.
 */
export async function assertLease<Tables>(tx: Transaction<Tables>, lease: Lease): Promise<void> {
  const { rows } = await sql<{ held: boolean }>`select ${holdsLease(lease)} as held`.execute(tx);
  if (rows[0]?.held !== true) throw postgresErrors.LEASE_LOST();
}

/**
 * The same as {@link assertLease} as a condition, for a write of one statement.
 *
 * @example
 * ```ts
 * import { holdsLease, type Kysely, type Lease, sql } from '@gatehouse/postgres';
 *
 * async function tidy(db: Kysely<unknown>, lease: Lease) {
 *   await sql`delete from note where ${holdsLease(lease)}`.execute(db);
 * }
 * ```
 */
export function holdsLease({ name, epoch }: Lease): RawBuilder<boolean> {
  return sql<boolean>`exists (select from lease where name = ${name} and epoch = ${epoch} for key share)`;
}

/**
 * A condition: whether anyone has the lease of that name now.
 *
 * @example
 * ```ts
 * import { isLeased, type Kysely, sql } from '@gatehouse/postgres';
 *
 * async function isTidying(db: Kysely<unknown>) {
 *   const { rows } = await sql<{ leased: boolean }>`select ${isLeased('tidy')} as leased`.execute(db);
 *   return rows[0]?.leased;
 * }
 * ```
 */
export function isLeased(name: string): RawBuilder<boolean> {
  return sql<boolean>`exists (select from lease where name = ${name} and expires_at > clock_timestamp())`;
}

async function touch<Tables>(
  db: Kysely<Tables>,
  { name, epoch }: Lease,
  expiresAt: RawBuilder<unknown>,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update lease set expires_at = ${expiresAt} where name = ${name} and epoch = ${epoch}`.execute(
    db,
  );
  return numAffectedRows === 1n;
}

function end(ttlMs: number): RawBuilder<Date> {
  return sql<Date>`clock_timestamp() + ${ttlMs} * interval '1 millisecond'`;
}
