/** Assets that cannot get their value of a day: which failures are the asset's own, and where they are kept. */
import { GatehouseError } from '@gatehouse/errors';
import { holdsLease, sql } from '@gatehouse/postgres';
import type { CoreDatabase } from '../assets/tables.ts';
import { coreErrors } from '../errors.ts';
import type { DayRun } from './store.ts';

type Db = CoreDatabase['read'];

/** Without one success, so many refusals are extension's fault and not the assets'. */
const REFUSALS_BY_THEMSELVES = 64;
/** Runs of a day without a usable response for an asset, while others have theirs. */
const RUNS_WITHOUT_RESPONSE = 3;
/** More than these are nobody's own. */
const MOST_REMEMBERED = 10_000;

const REFUSED = coreErrors.EXTENSION_REFUSED().code;
const INVALID = coreErrors.EXTENSION_ANSWER().code;

/**
 * Says whether a failure is one of the asset alone. `refused`: extension said that this asset cannot be
 * updated. `invalid`: it responded, but not usably, which may pass.
 */
export function ownFailure(error: unknown): 'refused' | 'invalid' | undefined {
  if (!(error instanceof GatehouseError)) return undefined;
  if (error.code === REFUSED) return 'refused';
  return error.code === INVALID ? 'invalid' : undefined;
}

interface Failure {
  readonly isRefused: boolean;
  readonly reason: string;
}

/** What an asset failed by. */
export interface OwnFailure extends Failure {
  readonly userId: bigint;
}

/** The assets of one run that have failed so far by a failure of their own. */
export class OwnFailures {
  readonly #failing = new Map<bigint, Failure>();

  failed(userId: bigint, error: unknown): void {
    const own = ownFailure(error);
    if (own === undefined) return void this.#failing.delete(userId);
    if (this.#failing.size >= MOST_REMEMBERED) return;
    this.#failing.set(userId, { isRefused: own === 'refused', reason: reasonOf(error) });
  }

  succeeded(userId: bigint): void {
    this.#failing.delete(userId);
  }

  /**
   * Those that failed in the end.
   *
   * @param updated - how many assets have their value of the day. While there is none, what looks like the
   *   fault of many assets is extension's.
   */
  left(updated: bigint): readonly OwnFailure[] {
    if (updated === 0n && this.#failing.size > REFUSALS_BY_THEMSELVES) return [];
    return [...this.#failing].map(([userId, failure]) => ({ userId, ...failure }));
  }
}

function reasonOf(error: unknown): string {
  const { code, cause } = error as GatehouseError;
  return cause instanceof Error ? `${code}: ${cause.message}` : code;
}

/**
 * Keeps an asset's failure, while this runner has the lease: one that was refused is set aside, and one
 * without a usable response after some runs.
 *
 * @returns whose it is when it is set aside.
 */
export async function keepFailure(
  db: Db,
  { day, lease }: DayRun,
  { userId, reason, isRefused }: OwnFailure,
): Promise<string | undefined> {
  const { rows } = await sql<{ subject: string; is_set_aside: boolean }>`
    insert into asset_failure as kept (user_id, day, reason, runs, is_set_aside, failed_at)
    select user_id, ${day}, ${reason}, 1, ${isRefused}, now() from asset
     where user_id = ${userId} and current_day < ${day} and ${holdsLease(lease)}
    on conflict (user_id, day) do update
       set reason = excluded.reason, failed_at = now(), runs = kept.runs + 1,
           is_set_aside = excluded.is_set_aside or kept.runs + 1 >= ${RUNS_WITHOUT_RESPONSE}
    returning is_set_aside,
      (select subject from asset where asset.user_id = kept.user_id) as subject`.execute(db);
  return rows[0]?.is_set_aside === true ? rows[0].subject : undefined;
}

/** How many assets a day is done without. */
export async function countSetAside(db: Db, day: string): Promise<bigint> {
  const { count } = await db
    .selectFrom('asset_failure')
    .select((select) => select.fn.countAll<bigint>().as('count'))
    .where('day', '=', day)
    .where('is_set_aside', '=', true)
    .executeTakeFirstOrThrow();
  return count;
}
