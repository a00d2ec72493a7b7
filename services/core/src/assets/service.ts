/** What people do with their own asset. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { type Implementation, implement } from '@gatehouse/chassis';
import { seoulDay } from '@gatehouse/contracts/days';
import {
  type AssetHistorySchema,
  type AssetSchema,
  CoreService,
} from '@gatehouse/contracts/gen/gatehouse/core/v1/core_pb.ts';
import { coreErrors } from '../errors.ts';
import { chartDays } from './days.ts';
import { type AssetRow, insertAsset, listHistory, readAsset } from './store.ts';
import type { CoreDatabase, HistoryRow } from './tables.ts';

/** @param nowMs - the moment, which also says what day it is. */
export function coreService(database: CoreDatabase, nowMs: () => number): Implementation {
  return implement(CoreService, {
    async openMyAsset({ asset }, call) {
      const at = nowMs();
      const history = [{ day: seoulDay(at), original_asset: asset, multiplier: '1', asset }];
      const row = await database.transaction(async (tx) => {
        await insertAsset(tx, { subject: call.subject.id, history, at: new Date(at) });
        return readAsset(tx, call.subject.id);
      });
      // A repeat finds what the first call has made.
      if (row.opened_with !== asset) throw coreErrors.ASSET_BEGUN();
      return assetMessage(row);
    },

    async getMyAsset(_request, call) {
      return assetMessage(await readAsset(database.read, call.subject.id));
    },

    async listMyAssetHistory(request, call) {
      const days = chartDays(request, seoulDay(nowMs()));
      const rows = await listHistory(database.read, call.subject.id, days);
      return { ...days, points: rows.map(historyMessage) };
    },
  });
}

export function assetMessage(row: AssetRow): MessageInitShape<typeof AssetSchema> {
  return {
    userId: row.user_id,
    asset: row.asset,
    currentAssetHistory: historyMessage(row),
    openedAt: timestampFromDate(row.opened_at),
  };
}

function historyMessage(row: HistoryRow): MessageInitShape<typeof AssetHistorySchema> {
  return {
    date: row.day,
    originalAsset: row.original_asset,
    multiplier: row.multiplier,
    asset: row.asset,
  };
}
