/** Assets and their histories: the statements on them. */
import { firstOrThrow } from '@gatehouse/postgres';
import { coreErrors } from '../errors.ts';
import type { CoreDatabase, CoreTransaction, HistoryRow } from './tables.ts';

type Db = CoreDatabase['read'] | CoreTransaction;

/** An asset with the row of its history that holds now. */
export interface AssetRow extends HistoryRow {
  readonly user_id: bigint;
  readonly opened_with: bigint;
  readonly opened_at: Date;
}

/** A history that begins. */
export interface NewAsset {
  readonly subject: string;
  /** Oldest first, at least one. */
  readonly history: readonly HistoryRow[];
  readonly at: Date;
}

// A statement takes 65,535 parameters at most; a row has six.
const ROWS_AT_ONCE = 5_000;

/** @throws `core.no_asset`. */
export function readAsset(db: Db, subject: string): Promise<AssetRow> {
  const query = db
    .selectFrom('asset')
    .innerJoin('asset_history', (join) =>
      join
        .onRef('asset_history.user_id', '=', 'asset.user_id')
        .onRef('asset_history.day', '=', 'asset.current_day'),
    )
    .select(['asset.user_id', 'asset.opened_with', 'asset.opened_at', 'asset_history.day'])
    .select(['asset_history.original_asset', 'asset_history.multiplier', 'asset_history.asset'])
    .where('asset.subject', '=', subject);
  return firstOrThrow(query, coreErrors.NO_ASSET);
}

/** Keeps a new asset and its history. @returns false when the person has one. */
export async function insertAsset(tx: CoreTransaction, asset: NewAsset): Promise<boolean> {
  const { subject, history, at } = asset;
  const [first, last] = [history[0], history.at(-1)];
  if (first === undefined || last === undefined) throw new Error('a history has a row at least');
  const row = await tx
    .insertInto('asset')
    .values({
      subject,
      opened_with: first.original_asset,
      opened_at: at,
      current_day: last.day,
      asset: last.asset,
    })
    .onConflict((conflict) => conflict.column('subject').doNothing())
    .returning('user_id')
    .executeTakeFirst();
  if (row === undefined) return false;
  const rows = history.map((each) => ({ ...each, user_id: row.user_id, recorded_at: at }));
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
    await tx
      .insertInto('asset_history')
      .values(rows.slice(start, start + ROWS_AT_ONCE))
      .execute();
  }
  return true;
}

/** The days from the first to the last, both included, oldest first. @throws `core.no_asset`. */
export async function listHistory(
  db: Db,
  subject: string,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<readonly HistoryRow[]> {
  const { user_id: userId } = await readAsset(db, subject);
  return db
    .selectFrom('asset_history')
    .select(['day', 'original_asset', 'multiplier', 'asset'])
    .where('user_id', '=', userId)
    .where('day', '>=', from)
    .where('day', '<=', to)
    .orderBy('day')
    .execute();
}
