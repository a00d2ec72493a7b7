/** The tables of core, as the migrations make them. */
import type { Database, Generated, Transaction } from '@gatehouse/postgres';

export interface CoreTables {
  asset: AssetTable;
  asset_history: HistoryRow & { user_id: bigint; recorded_at: Date };
  asset_batch: BatchTable;
  asset_failure: FailureRow;
}

interface AssetTable {
  user_id: Generated<bigint>;
  subject: string;
  opened_with: bigint;
  opened_at: Date;
  current_day: string;
  asset: bigint;
}

/** Why an asset could not get its value of a day. */
interface FailureRow {
  user_id: bigint;
  day: string;
  reason: string;
  /** Of the day, which ended so. */
  runs: number;
  is_set_aside: boolean;
  failed_at: Date;
}

/** The asset of one day. */
export interface HistoryRow {
  day: string;
  original_asset: bigint;
  /** Decimal text. */
  multiplier: string;
  asset: bigint;
}

interface BatchTable {
  day: string;
  state: 'RUNNING' | 'DONE' | 'INCOMPLETE';
  total: bigint;
  updated: bigint;
  failed: bigint;
  started_at: Date;
  finished_at: Date | null;
}

export type CoreDatabase = Database<CoreTables>;
export type CoreTransaction = Transaction<CoreTables>;
