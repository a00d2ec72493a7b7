/** The batch's statements: who runs a day, what is still to be done, and one result at a time. */
import { sql } from '@gatehouse/postgres';
import type { CoreDatabase } from '../assets/tables.ts';

type Db = CoreDatabase['read'];

/** The right to work on a day, for as long as it is renewed. */
export interface Lease {
  readonly day: string;
  /** Higher than that of any runner before. */
  readonly fence: bigint;
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
  readonly sinceFinishedMs: number | undefined;
}

/** A lease not renewed for so long is anyone's. */
const LEASE = sql<Date>`now() + interval '8 seconds'`;

/**
 * Takes the lease of a day. The times are the database's, since copies may disagree.
 *
 * @returns undefined while another runner has it.
 */
export async function takeLease(db: Db, day: string, runner: string): Promise<Lease | undefined> {
  const row = await db
    .insertInto('asset_batch')
    .values({
      day,
      runner,
      state: 'RUNNING',
      fence: 1n,
      lease_until: LEASE,
      total: 0n,
      updated: 0n,
      failed: 0n,
      started_at: sql`now()`,
      finished_at: null,
    })
    .onConflict((conflict) =>
      conflict
        .column('day')
        .doUpdateSet({
          runner,
          state: 'RUNNING',
          fence: sql`asset_batch.fence + 1`,
          lease_until: LEASE,
          failed: 0n,
          started_at: sql`now()`,
          finished_at: null,
        })
        .where((where) =>
          where.or([
            where('asset_batch.state', '!=', 'RUNNING'),
            where('asset_batch.lease_until', '<', sql<Date>`now()`),
          ]),
        ),
    )
    .returning('fence')
    .executeTakeFirst();
  return row === undefined ? undefined : { day, fence: row.fence };
}

/** Renews a lease and says how far the run is. @returns false when somebody else has it by now. */
export async function renewLease(db: Db, lease: Lease, counts: Counts): Promise<boolean> {
  return touched(held(db, lease).set({ ...counts, lease_until: LEASE }));
}

/** Ends a run. */
export async function finish(
  db: Db,
  lease: Lease,
  ended: { readonly state: 'DONE' | 'INCOMPLETE'; readonly counts: Counts },
): Promise<void> {
  const { state, counts } = ended;
  await touched(held(db, lease).set({ ...counts, state, finished_at: sql`now()` }));
}

/** Leaves a run to whoever comes next, at once. */
export async function giveUpLease(db: Db, lease: Lease): Promise<void> {
  await touched(held(db, lease).set({ lease_until: sql`now() - interval '1 millisecond'` }));
}

function held(db: Db, { day, fence }: Lease) {
  return db.updateTable('asset_batch').where('day', '=', day).where('fence', '=', fence);
}

async function touched(update: ReturnType<ReturnType<typeof held>['set']>): Promise<boolean> {
  const { numUpdatedRows } = await update.executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** The batch of a day; undefined when nobody has begun it. */
export async function readBatch(db: Db, day: string): Promise<BatchRow | undefined> {
  const row = await db
    .selectFrom('asset_batch')
    .select(['state', 'total', 'updated', 'failed'])
    .select(sql<boolean>`state = 'RUNNING' and lease_until < now()`.as('lapsed'))
    .select(sql<number>`ms_between(started_at, coalesce(finished_at, now()))`.as('elapsedMs'))
    .select(sql<number | null>`ms_between(finished_at, now())`.as('sinceFinishedMs'))
    .where('day', '=', day)
    .executeTakeFirst();
  return row === undefined
    ? undefined
    : { ...row, sinceFinishedMs: row.sinceFinishedMs ?? undefined };
}

/** The last day on which every asset got its value. */
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
export async function applyResult(db: Db, lease: Lease, result: Result): Promise<boolean> {
  const { user_id: userId, asset, multiplier, updated } = result;
  const { rows } = await sql<{ user_id: bigint }>`
    with moved as (
      update asset set asset = ${updated}, current_day = ${lease.day}
       where user_id = ${userId} and current_day < ${lease.day} and asset = ${asset}
         and exists (select from asset_batch where day = ${lease.day} and fence = ${lease.fence})
      returning user_id
    )
    insert into asset_history (user_id, day, original_asset, multiplier, asset, recorded_at)
    select user_id, ${lease.day}, ${asset}, ${multiplier}, ${updated}, now() from moved
    returning user_id`.execute(db);
  return rows.length === 1;
}
