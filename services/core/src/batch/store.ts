/** The batch's statements: who runs a day, what is still to be done, and one result at a time. */
import {
  acquireLease,
  holdsLease,
  isLeased,
  type Lease,
  releaseLease,
  renewLease,
  sql,
} from '@gatehouse/postgres';
import type { CoreDatabase } from '../assets/tables.ts';

type Db = CoreDatabase['read'];

/** A day, and the right to work on it for as long as the lease is renewed. */
export interface DayRun {
  readonly day: string;
  readonly lease: Lease;
}

/** How far a run is. */
export interface Counts {
  readonly total: bigint;
  readonly updated: bigint;
  readonly failed: bigint;
}

/** A day's batch as everyone sees it. */
export interface BatchRow extends Counts {
  readonly state: 'RUNNING' | 'DONE' | 'INCOMPLETE';
  /** It runs, and its runner has not renewed the lease in time. */
  readonly lapsed: boolean;
  readonly elapsedMs: number;
  /** Assets that the day is done without. */
  readonly set_aside: bigint;
  readonly sinceFinishedMs: number | undefined;
}

/** A lease not renewed for so long is anyone's. */
const LEASE_MS = 8_000;

/**
 * Begins a run of a day.
 *
 * @returns undefined while another runner has it.
 */
export function beginRun(
  database: CoreDatabase,
  day: string,
  runner: string,
): Promise<DayRun | undefined> {
  const began = {
    state: 'RUNNING',
    failed: 0n,
    started_at: sql<Date>`now()`,
    finished_at: null,
  } as const;
  return database.transaction(async (tx) => {
    const wanted = { name: leaseNameOf(day), holder: runner, ttlMs: LEASE_MS };
    const lease = await acquireLease(tx, wanted);
    if (lease === undefined) return undefined;
    await tx
      .insertInto('asset_batch')
      .values({ day, total: 0n, updated: 0n, ...began })
      .onConflict((conflict) => conflict.column('day').doUpdateSet(began))
      .execute();
    return { day, lease };
  });
}

/** Renews a run's lease and says how far it is. @returns false when somebody else has it by now. */
export async function renewRun(db: Db, run: DayRun, counts: Counts): Promise<boolean> {
  if (!(await renewLease(db, run.lease))) return false;
  await whileHeld(db, run).set(counts).execute();
  return true;
}

/** Ends a run. */
export async function finishRun(
  db: Db,
  run: DayRun,
  ended: { readonly state: 'DONE' | 'INCOMPLETE'; readonly counts: Counts },
): Promise<void> {
  const { state, counts } = ended;
  await whileHeld(db, run)
    .set({ ...counts, state, finished_at: sql<Date>`now()` })
    .execute();
  await releaseLease(db, run.lease);
}

/** Leaves a run to whoever comes next, at once. */
export async function leaveRun(db: Db, { lease }: DayRun): Promise<void> {
  await releaseLease(db, lease);
}

function whileHeld(db: Db, { day, lease }: DayRun) {
  return db.updateTable('asset_batch').where('day', '=', day).where(holdsLease(lease));
}

function leaseNameOf(day: string): string {
  return `asset-batch:${day}`;
}

/** The batch of a day; undefined when nobody has begun it. */
export async function readBatch(db: Db, day: string): Promise<BatchRow | undefined> {
  const leased = isLeased(leaseNameOf(day));
  const row = await db
    .selectFrom('asset_batch')
    .select(['state', 'total', 'updated', 'failed'])
    .select(
      sql<bigint>`(select count(*) from asset_failure
        where asset_failure.day = asset_batch.day and is_set_aside)`.as('set_aside'),
    )
    .select(sql<boolean>`state = 'RUNNING' and not ${leased}`.as('lapsed'))
    .select(sql<number>`ms_between(started_at, coalesce(finished_at, now()))`.as('elapsedMs'))
    .select(sql<number | null>`ms_between(finished_at, now())`.as('sinceFinishedMs'))
    .where('day', '=', day)
    .executeTakeFirst();
  return row === undefined
    ? undefined
    : { ...row, sinceFinishedMs: row.sinceFinishedMs ?? undefined };
}

/** The last day on which every asset got its value, but for those that were set aside. */
export async function lastDoneDay(db: Db): Promise<string | undefined> {
  const row = await db
    .selectFrom('asset_batch')
    .select('day')
    .where('state', '=', 'DONE')
    .orderBy('day', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.day;
}

/** How many assets are to have a value of a day, and how many have it. */
export async function countAssets(db: Db, day: string): Promise<Omit<Counts, 'failed'>> {
  const row = await db
    .selectFrom('asset')
    .select((select) => select.fn.countAll<bigint>().as('total'))
    .select((select) =>
      select.fn.countAll<bigint>().filterWhere('current_day', '=', day).as('updated'),
    )
    .where('current_day', '<=', day)
    .executeTakeFirstOrThrow();
  return row;
}

/** An asset that has no value of the day yet. */
export interface Pending {
  readonly user_id: bigint;
  readonly asset: bigint;
}

/** The next page of them, by number. */
export function pendingAfter(
  db: Db,
  day: string,
  page: { readonly userId: bigint; readonly size: number },
): Promise<Pending[]> {
  return db
    .selectFrom('asset')
    .select(['user_id', 'asset'])
    .where('user_id', '>', page.userId)
    .where('current_day', '<', day)
    .orderBy('user_id')
    .limit(page.size)
    .execute();
}

/** What extension said of one asset. */
export interface Result extends Pending {
  readonly multiplier: string;
  readonly updated: bigint;
}

/**
 * Applies one result, in a transaction of one statement: the history gets its row and the asset its value,
 * both or neither, once for each user and day, and only while this runner has the lease.
 *
 * @returns false when there was nothing to apply: somebody else has done it, or the lease is lost.
 */
export async function applyResult(
  db: Db,
  { day, lease }: DayRun,
  result: Result,
): Promise<boolean> {
  const { user_id: userId, asset, multiplier, updated } = result;
  const { rows } = await sql<{ user_id: bigint }>`
    with moved as (
      update asset set asset = ${updated}, current_day = ${day}
       where user_id = ${userId} and current_day < ${day} and asset = ${asset}
         and ${holdsLease(lease)}
      returning user_id
    ), succeeded as (
      delete from asset_failure
       where day = ${day} and user_id in (select user_id from moved)
    )
    insert into asset_history (user_id, day, original_asset, multiplier, asset, recorded_at)
    select user_id, ${day}, ${asset}, ${multiplier}, ${updated}, now() from moved
    returning user_id`.execute(db);
  return rows.length === 1;
}
