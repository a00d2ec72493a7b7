import { withCore } from '../operator/connection.ts';
import { type ProgressLine, showProgress } from '../operator/progress.ts';
import { UsageError } from '../usage.ts';
import type { DataFlags, JsonFlags } from './flags.ts';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
/** As long as the batch may take. */
const TIMEOUT_MS = 24 * 3_600_000;

export async function updateAssets(
  flags: DataFlags &
    JsonFlags & { readonly core?: string; readonly tlsDir?: string; readonly date: string },
): Promise<number> {
  const { date, json } = flags;
  if (date !== '' && !DAY.test(date)) {
    throw new UsageError(`--date takes a day such as 2026-11-26, not "${date}".`);
  }
  const last = await withCore(flags, (core) =>
    showProgress(lines(core.updateAssets({ date }, { timeoutMs: TIMEOUT_MS })), json),
  );
  return last?.isDone === true ? 0 : 1;
}

interface Update {
  readonly date: string;
  readonly state: number;
  readonly total: bigint;
  readonly updated: bigint;
  readonly failed: bigint;
  readonly setAside: bigint;
  readonly elapsedMs: bigint;
}

// gatehouse.core.v1.UpdateAssetsProgress.State
const [RUNNING, DONE] = [1, 2];

async function* lines(updates: AsyncIterable<Update>): AsyncGenerator<ProgressLine> {
  for await (const { date, state, total, updated, failed, setAside, elapsedMs } of updates) {
    yield {
      date,
      isRunning: state === RUNNING,
      isDone: state === DONE,
      total: Number(total),
      updated: Number(updated),
      failed: Number(failed),
      setAside: Number(setAside),
      elapsedMs: Number(elapsedMs),
    };
  }
}
