/** Begins each day's batch at its time, in whichever replica looks first. */

import type { ServiceContext } from '@gatehouse/chassis';
import { daysAfter, daysBetween, seoulDay, sinceSeoulMidnightMs } from '@gatehouse/contracts/days';
import { untraced } from '@gatehouse/postgres';
import type { Clock } from '@gatehouse/tokens';
import type { CoreDatabase } from '../assets/tables.ts';
import type { BatchRunner } from './runner.ts';
import { type BatchRow, lastDoneDay, readBatch } from './store.ts';

const LOOK_EVERY_MS = 15_000;
const AGAIN_AFTER_MS = 60_000;
/** Days that are made up for, at most, after core was down. */
const MOST_DAYS = 31;

/** What the schedule goes by. */
export interface ScheduleParts {
  readonly runner: BatchRunner;
  readonly database: CoreDatabase;
  /** Milliseconds after midnight in Asia/Seoul. */
  readonly atMs: number;
  readonly clock: Clock;
  readonly log: ServiceContext['log'];
}

/** Looks four times a minute, from now on. @returns a function that ends it. */
export function startSchedule(parts: ScheduleParts): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  const look = async (): Promise<void> => {
    await runDueDays(parts).catch((err: unknown) => {
      parts.log.warn({ err }, 'the schedule could not be looked at');
    });
    // Not all replicas at the same moment.
    if (!isClosed)
      timer = setTimeout(() => void look(), LOOK_EVERY_MS * (0.8 + Math.random() * 0.4));
  };
  void look();
  return () => {
    isClosed = true;
    clearTimeout(timer);
  };
}

/** Runs every day that is due, one after the other, unless somebody else does. */
async function runDueDays(parts: ScheduleParts): Promise<void> {
  const { runner, database, clock, atMs } = parts;
  const done = await untraced(() => lastDoneDay(database.read));
  for (const day of dueDays(done, { nowMs: clock.nowMs(), atMs })) {
    if (!mayBegin(await untraced(() => readBatch(database.read, day)))) continue;
    const run = await runner.start(day);
    await run?.ended;
  }
}

/**
 * The days that are due, oldest first: those after the last that is done, up to the last that has begun.
 *
 * @param done - undefined: none ever was, and only the last is due.
 */
export function dueDays(
  done: string | undefined,
  { nowMs, atMs }: { readonly nowMs: number; readonly atMs: number },
): readonly string[] {
  const today = seoulDay(nowMs);
  const last = sinceSeoulMidnightMs(nowMs) >= atMs ? today : daysAfter(today, -1);
  const missing = done === undefined ? 1 : Math.min(daysBetween(done, last), MOST_DAYS);
  return Array.from({ length: Math.max(0, missing) }, (_, index) =>
    daysAfter(last, index - missing + 1),
  );
}

function mayBegin(row: BatchRow | undefined): boolean {
  if (row === undefined) return true;
  if (row.state === 'RUNNING') return row.lapsed;
  return row.state === 'INCOMPLETE' && (row.sinceFinishedMs ?? 0) >= AGAIN_AFTER_MS;
}
