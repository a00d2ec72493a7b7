/** The days that callers give: of a chart, of a run, of a history that is brought over. */
import { daysAfter, daysBetween, isDay } from '@gatehouse/contracts/days';
import { commonErrors, type FieldViolation } from '@gatehouse/errors';
import type { HistoryRow } from './tables.ts';

const DEFAULT_DAYS = 89;
const MAX_DAYS = 1_830;

/**
 * The first and the last day of a chart.
 *
 * @param asked - empty texts stand for the defaults: today, and 89 days before the last.
 * @throws `common.invalid_input` naming `/from` or `/to`.
 */
export function chartDays(
  asked: { readonly from: string; readonly to: string },
  today: string,
): { readonly from: string; readonly to: string } {
  const faults: FieldViolation[] = [];
  for (const name of ['from', 'to'] as const) {
    if (asked[name] !== '' && !isDay(asked[name])) faults.push(notADay(`/${name}`));
  }
  if (faults.length > 0) throw commonErrors.INVALID_INPUT({ fields: faults });
  const to = asked.to === '' ? today : asked.to;
  const from = asked.from === '' ? daysAfter(to, -DEFAULT_DAYS) : asked.from;
  const days = daysBetween(from, to);
  if (days < 0 || days > MAX_DAYS) {
    const detail = `must lie 0 to ${MAX_DAYS} days before "to"`;
    throw commonErrors.INVALID_INPUT({ fields: [{ pointer: '/from', detail }] });
  }
  return { from, to };
}

/**
 * The day of a run.
 *
 * @param asked - empty: today.
 * @throws `common.invalid_input` naming `/date`, also for a day to come.
 */
export function batchDay(asked: string, today: string): string {
  if (asked === '') return today;
  if (!isDay(asked)) throw commonErrors.INVALID_INPUT({ fields: [notADay('/date')] });
  if (asked > today) {
    const detail = `must not be after ${today}, which is today in Asia/Seoul`;
    throw commonErrors.INVALID_INPUT({ fields: [{ pointer: '/date', detail }] });
  }
  return asked;
}

const MULTIPLIER = /^\d{1,3}(\.\d{1,20})?$/;

/**
 * Checks a history that is brought over: its days rise and none is to come, its numbers are numbers.
 *
 * @throws `common.invalid_input` naming each row at fault.
 */
export function assertHistory(rows: readonly HistoryRow[], today: string): void {
  const fields = rows.flatMap((row, index) => {
    const detail = faultOf(row, rows[index - 1], today);
    return detail === undefined ? [] : [{ pointer: `/history/${index}`, detail }];
  });
  if (fields.length > 0) throw commonErrors.INVALID_INPUT({ fields });
}

function faultOf(
  row: HistoryRow,
  before: HistoryRow | undefined,
  today: string,
): string | undefined {
  if (!isDay(row.day) || row.day > today) return 'must have a day that is not to come';
  if (before !== undefined && row.day <= before.day) return 'must be after the row before it';
  if (row.asset < 0n || row.original_asset < 0n) return 'must have no asset below 0';
  const isGood = MULTIPLIER.test(row.multiplier) && Number(row.multiplier) > 0;
  return isGood ? undefined : 'must have a multiplier such as 1.01';
}

function notADay(pointer: string): FieldViolation {
  return { pointer, detail: 'must be a day of the calendar: 2026-11-26' };
}
