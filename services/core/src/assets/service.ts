/** What people do with their own asset. */
import { type Implementation, implement } from '@gatehouse/chassis';
import { messageOf } from '@gatehouse/contracts';
import { seoulDay } from '@gatehouse/contracts/days';
import {
  type Asset,
  AssetHistorySchema,
  AssetSchema,
  CoreService,
} from '@gatehouse/contracts/gen/gatehouse/core/v1/core_pb.ts';
import { coreErrors } from '../errors.ts';
import { chartDays } from './days.ts';
import { type AssetRow, insertAsset, listHistory, readAsset } from './store.ts';
import type { CoreDatabase } from './tables.ts';

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
      return {
        ...days,
        points: rows.map((row) => messageOf(AssetHistorySchema, { ...row, date: row.day })),
      };
    },
  });
}

export function assetMessage(row: AssetRow): Asset {
  return messageOf(AssetSchema, { ...row, current_asset_history: { ...row, date: row.day } });
}
