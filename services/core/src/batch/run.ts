/** One run of a day's batch: every asset that has no value of that day yet, a few at a time. */
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceContext } from '@gatehouse/chassis';
import { postgresErrors } from '@gatehouse/postgres';
import { context, ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api';
import type { CoreDatabase } from '../assets/tables.ts';
import type { UpdateAsset } from '../extension/client.ts';
import { countSetAside, keepFailure, OwnFailures, ownFailure } from './set-aside.ts';
import {
  applyResult,
  type Counts,
  countAssets,
  type DayRun,
  finishRun,
  leaveRun,
  type Pending,
  pendingAfter,
  renewRun,
} from './store.ts';

/** What a run needs. */
export interface RunParts {
  readonly database: CoreDatabase;
  readonly updateAsset: UpdateAsset;
  /** Calls to extension at the same time. */
  readonly concurrency: number;
  readonly log: ServiceContext['log'];
  /** Aborted when the process has to stop. */
  readonly signal: AbortSignal;
}

const PAGE_SIZE = 500;
const RENEW_EVERY_MS = 1_000;
/** How often what has failed is tried once more. */
const PASSES = 4;
const PAUSE_MS = 1_000;
/** So many failures without a success between them: extension or the database is unavailable. */
const FAILURES_IN_A_ROW = 64;

/**
 * Works on a day until each asset has its value, nothing moves any more, or the lease is lost. An asset
 * that cannot succeed is set aside with its reason, and the day is done without it. Extension
 * is called outside any transaction; each of its responses is applied by one statement, which is one.
 *
 * Safe to kill at any moment: a run that comes later finds what is left, and extension gives the same
 * multiplier once more.
 */
export async function runBatch(parts: RunParts, dayRun: DayRun): Promise<void> {
  const run = new Run(parts, dayRun);
  try {
    await run.toTheEnd();
  } finally {
    run.close();
  }
}

class Run {
  readonly #parts: RunParts;
  readonly #run: DayRun;
  readonly #stop = new AbortController();
  readonly #renewing: NodeJS.Timeout;
  readonly #startedMs = performance.now();
  #total = 0n;
  #updated = 0n;
  #failed = 0n;
  #failuresInARow = 0;
  #firstFailure: unknown;
  readonly #ownFailures = new OwnFailures();
  /** Where the next pass begins: behind those at which the last one gave up. */
  #from = 0n;

  constructor(parts: RunParts, run: DayRun) {
    this.#parts = parts;
    this.#run = run;
    parts.signal.addEventListener('abort', this.#abort);
    if (parts.signal.aborted) this.#abort();
    this.#renewing = setInterval(() => void this.#renew(), RENEW_EVERY_MS);
  }

  close(): void {
    clearInterval(this.#renewing);
    this.#parts.signal.removeEventListener('abort', this.#abort);
  }

  async toTheEnd(): Promise<void> {
    const { database, log, signal } = this.#parts;
    const { day } = this.#run;
    log.info({ day }, 'the assets of the day are being updated');
    for (let pass = 1; pass <= PASSES && !this.#stopped; pass += 1) {
      if (pass > 1)
        await pause(PAUSE_MS * pass, undefined, { signal: this.#stop.signal }).catch(later);
      if (await this.#tryPass(pass)) break;
    }
    if (signal.aborted) return leaveRun(database.read, this.#run);
    if (this.#stopped) throw postgresErrors.LEASE_LOST();
    await this.#count();
    await this.#setAside();
    const without = await countSetAside(database.read, day);
    const state = this.#updated + without >= this.#total ? 'DONE' : 'INCOMPLETE';
    await finishRun(database.read, this.#run, { state, counts: this.#counts });
    const tookMs = Math.round(performance.now() - this.#startedMs);
    const { total, updated, failed } = this.#counts;
    log[state === 'DONE' ? 'info' : 'warn'](
      {
        day,
        state,
        total: Number(total),
        updated: Number(updated),
        failed: Number(failed),
        setAside: Number(without),
        tookMs,
      },
      'the assets of the day were updated',
    );
  }

  /** @returns true when nothing is left. */
  async #tryPass(pass: number): Promise<boolean> {
    this.#failuresInARow = 0;
    this.#firstFailure = undefined;
    try {
      await this.#count();
      await this.#pass();
      await this.#count();
    } catch (error) {
      this.#firstFailure ??= error;
    }
    if (this.#firstFailure !== undefined && !this.#stopped) {
      const { day } = this.#run;
      const fields = { day, pass, failed: Number(this.#failed), err: this.#firstFailure };
      this.#parts.log.warn(fields, 'some assets could not be updated; here is the first reason');
    }
    return this.#firstFailure === undefined && this.#updated >= this.#total;
  }

  async #pass(): Promise<void> {
    const { database, concurrency } = this.#parts;
    for (let userId = this.#from; !this.#stopped; ) {
      if (this.#isHopeless) return;
      const page = await pendingAfter(database.read, this.#run.day, { userId, size: PAGE_SIZE });
      const last = page.at(-1);
      if (last === undefined) break;
      userId = last.user_id;
      const each = page.values();
      await Promise.all(Array.from({ length: concurrency }, () => this.#work(each)));
    }
    this.#from = 0n;
  }

  async #work(pending: Iterator<Pending>): Promise<void> {
    for (let next = pending.next(); next.done !== true; next = pending.next()) {
      if (this.#stopped || this.#isHopeless) return;
      await seldomTraced(next.value.user_id, () => this.#one(next.value));
    }
  }

  async #one(pending: Pending): Promise<void> {
    const { database, updateAsset } = this.#parts;
    const { user_id: userId, asset } = pending;
    try {
      const { day } = this.#run;
      const response = await updateAsset({ userId, asset, day, signal: this.#stop.signal });
      const result = {
        ...pending,
        multiplier: response.multiplier,
        updated: response.updatedAsset,
      };
      if (await applyResult(database.read, this.#run, result)) this.#updated += 1n;
      this.#failuresInARow = 0;
      this.#ownFailures.succeeded(userId);
    } catch (error) {
      if (this.#stopped) return;
      this.#failed += 1n;
      this.#ownFailures.failed(userId, error);
      // A refusal says nothing of the others.
      if (ownFailure(error) !== 'refused') this.#failuresInARow += 1;
      if (this.#isHopeless && userId > this.#from) this.#from = userId;
      this.#firstFailure ??= error;
    }
  }

  async #setAside(): Promise<void> {
    const { database, log } = this.#parts;
    const { day } = this.#run;
    for (const failure of this.#ownFailures.left(this.#updated)) {
      const subject = await keepFailure(database.read, this.#run, failure);
      if (subject === undefined) continue;
      const { userId, reason } = failure;
      log.warn({ day, userId: String(userId), subject, reason }, 'asset set aside');
    }
  }

  get #stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  get #isHopeless(): boolean {
    return this.#failuresInARow >= FAILURES_IN_A_ROW;
  }

  get #counts(): Counts {
    return { total: this.#total, updated: this.#updated, failed: this.#failed };
  }

  async #count(): Promise<void> {
    const { total, updated } = await countAssets(this.#parts.database.read, this.#run.day);
    this.#total = total;
    this.#updated = updated;
  }

  async #renew(): Promise<void> {
    try {
      const isOurs = await renewRun(this.#parts.database.read, this.#run, this.#counts);
      if (!isOurs) this.#abort();
    } catch {
      // The database is unavailable. Whether the lease has lasted is seen when it is back.
    }
  }

  readonly #abort = (): void => this.#stop.abort();
}

// Ten thousand traces alike would drown all others: one in a hundred does.
function seldomTraced(userId: bigint, work: () => Promise<void>): Promise<void> {
  if (userId % 100n === 0n) return work();
  const unsampled = { traceId: hex(16), spanId: hex(8), traceFlags: TraceFlags.NONE };
  return context.with(trace.setSpanContext(ROOT_CONTEXT, unsampled), work);
}

function hex(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}

// An abort during the pause only ends it.
const later = (): void => undefined;
