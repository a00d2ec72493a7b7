/** What operators do: run a day's batch, bring an asset over. */
import { type Implementation, implement } from '@gatehouse/chassis';
import { messageOf } from '@gatehouse/contracts';
import { seoulDay } from '@gatehouse/contracts/days';
import {
  CoreOperatorService,
  type UpdateAssetsProgress,
  UpdateAssetsProgressSchema,
} from '@gatehouse/contracts/gen/gatehouse/core/v1/core_pb.ts';
import { assertHistory, batchDay } from '../assets/days.ts';
import { assetMessage } from '../assets/service.ts';
import { insertAsset, readAsset } from '../assets/store.ts';
import type { CoreDatabase } from '../assets/tables.ts';
import { coreErrors } from '../errors.ts';
import type { BatchRunner } from './runner.ts';
import type { BatchRow } from './store.ts';

/** What the operators' methods stand on. */
export interface OperatorParts {
  readonly database: CoreDatabase;
  readonly runner: BatchRunner;
  readonly nowMs: () => number;
}

export function coreOperatorService({ database, runner, nowMs }: OperatorParts): Implementation {
  return implement(CoreOperatorService, {
    async *updateAssets({ date }, call) {
      const day = batchDay(date, seoulDay(nowMs()));
      for await (const row of runner.follow(day, call.signal)) yield progressMessage(day, row);
    },

    async importAsset({ subject, history }) {
      const rows = history.map(({ date, originalAsset, multiplier, asset }) => ({
        day: date,
        original_asset: originalAsset,
        multiplier,
        asset,
      }));
      assertHistory(rows, seoulDay(nowMs()));
      const row = await database.transaction(async (tx) => {
        const at = new Date(nowMs());
        if (!(await insertAsset(tx, { subject, history: rows, at })))
          throw coreErrors.ASSET_KNOWN();
        return readAsset(tx, subject);
      });
      return assetMessage(row);
    },
  });
}

function progressMessage(date: string, row: BatchRow): UpdateAssetsProgress {
  const elapsed_ms = BigInt(Math.round(row.elapsedMs));
  return messageOf(UpdateAssetsProgressSchema, { ...row, date, elapsed_ms });
}
