/** Starts runs in the background, and shows how far they are to whoever asks. */
import { setTimeout as pause } from 'node:timers/promises';
import { withFlow } from '@gatehouse/client';
import { GatehouseError } from '@gatehouse/errors';
import { newId, untraced } from '@gatehouse/postgres';
import { type RunParts, runBatch } from './run.ts';
import { type BatchRow, beginRun, readBatch } from './store.ts';

const LOOK_EVERY_MS = 300;
/** Two minutes: the database may be unavailable, and come back. */
const LOOKS_IN_VAIN = 400;

/** A run in the background. */
export interface StartedRun {
  /** Resolves when it is over, however it went; never fails. */
  readonly ended: Promise<void>;
}

/** The runs of this process. */
export class BatchRunner {
  readonly #parts: Omit<RunParts, 'signal'>;
  readonly #name = newId('run');
  readonly #stop = new AbortController();
  readonly #running = new Map<string, Promise<void>>();

  constructor(parts: Omit<RunParts, 'signal'>) {
    this.#parts = parts;
  }

  /**
   * Begins a run of a day, if no runner anywhere has it.
   *
   * @returns undefined when another runner has it.
   * @throws GatehouseError when the database is unavailable.
   */
  async start(day: string): Promise<StartedRun | undefined> {
    this.#stop.signal.throwIfAborted();
    if (this.#running.has(day)) return undefined;
    const run = await beginRun(this.#parts.database, day, this.#name);
    if (run === undefined) return undefined;
    const parts = { ...this.#parts, signal: this.#stop.signal };
    // It outlives whoever asked for it: neither that call's time nor its passport is the run's.
    const ended = withFlow({}, () => runBatch(parts, run))
      .catch((err: unknown) => this.#parts.log.error({ err, day }, 'run interrupted'))
      .finally(() => this.#running.delete(day));
    this.#running.set(day, ended);
    return { ended };
  }

  /**
   * Begins a run where none is, and follows whichever there is until it has ended. One whose runner has
   * died is begun again.
   *
   * @throws the reason of the signal; `postgres.unavailable` after two minutes without the database.
   */
  async *follow(day: string, signal: AbortSignal): AsyncGenerator<BatchRow> {
    await this.start(day);
    for (let inVain = 0; ; ) {
      try {
        // Asked several times a second: that would drown everyone's traces.
        const row = await untraced(() => readBatch(this.#parts.database.read, day));
        inVain = 0;
        if (row !== undefined) yield row;
        if (row !== undefined && row.state !== 'RUNNING') return;
        if (row === undefined || row.lapsed) await this.start(day);
      } catch (error) {
        inVain += 1;
        if (!isUnavailable(error) || inVain > LOOKS_IN_VAIN) throw error;
      }
      await pause(LOOK_EVERY_MS, undefined, { signal });
    }
  }

  /** Leaves every run to whoever comes next. */
  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running.values());
  }
}

function isUnavailable(error: unknown): boolean {
  return error instanceof GatehouseError && error.kind === 'UNAVAILABLE';
}
