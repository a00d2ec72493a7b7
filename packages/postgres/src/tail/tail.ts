import { setTimeout as delay } from 'node:timers/promises';
import { postgresErrors } from '../errors.ts';
import type { CommittedRows } from './commit-log.ts';
import { Follower } from './follower.ts';

export interface TailOptions<Row extends { readonly position: bigint }> {
  readonly rows: CommittedRows<Row>;
  /** How often to look for rows that other processes committed. Default 250. */
  readonly pollIntervalMs?: number;
  /** Silence after which a follower is told that nothing new was committed. Default 5000. */
  readonly heartbeatIntervalMs?: number;
  /** Rows that a follower may be behind the reader before it is ended. Default 1000. */
  readonly maxBehind?: number;
}

/** What a follower is told. */
export type TailEvent<Row> =
  | { readonly kind: 'row'; readonly row: Row }
  /** Nothing was committed after this position, as far as the database was read a moment ago. */
  | { readonly kind: 'heartbeat'; readonly position: bigint };

const BATCH = 500;

/**
 * Follows a log in commit order, with one reader of the database for all followers of this process.
 *
 * The reader looks again at once after {@link hint} (a commit of this process; a hint may be lost) and
 * every 250 ms (commits of others). It runs while somebody follows. It checks that no position is
 * missing. When the database cannot be read, or a position is missing, every follower is ended; whoever
 * wants to go on follows again, from the position that it has.
 *
 * @example
 * ```ts
 * import { type CommittedRows, Tail } from '@gatehouse/postgres';
 *
 * async function printNew(rows: CommittedRows<{ position: bigint; text: string }>, after: bigint) {
 *   const tail = new Tail({ rows });
 *   for await (const event of tail.follow(after, AbortSignal.timeout(60_000))) {
 *     if (event.kind === 'row') console.log(event.row.position, event.row.text);
 *   }
 * }
 * ```
 */
export class Tail<Row extends { readonly position: bigint }> {
  readonly #options: TailOptions<Row>;
  readonly #followers = new Set<Follower<Row>>();
  #starting: Promise<void> | undefined;
  #position = 0n;
  #hinted = false;
  #wake = new AbortController();
  #closed = false;
  /** How often the database was read. */
  #reads = 0;

  constructor(options: TailOptions<Row>) {
    this.#options = options;
  }

  /** Something was committed: look now. */
  hint(): void {
    this.#hinted = true;
    this.#wake.abort();
  }

  /** Ends every follower; nobody can follow any more. */
  close(): void {
    this.#closed = true;
    this.#endAll(new Error('the tail was closed'));
  }

  /**
   * Yields each row after a position as it is committed, once, in order; and a heartbeat in silence.
   * Returns when the signal aborts.
   *
   * @param after - the position of the last row that the caller has; 0 for the whole log.
   * @throws postgres.tail_ended when the database is unavailable, rows after the position are no longer
   *   kept, the follower is too slow, or the tail was closed. The cause says which.
   */
  async *follow(after: bigint, signal: AbortSignal): AsyncGenerator<TailEvent<Row>, void> {
    const follower = new Follower<Row>(this.#options.maxBehind ?? 1000);
    const leave = () => {
      follower.end();
      this.#remove(follower);
    };
    signal.addEventListener('abort', leave, { once: true });
    try {
      if (signal.aborted) return;
      if (this.#closed) throw new Error('the tail was closed');
      const stored = yield* this.#stored(after, (_, size) => size < BATCH || signal.aborted);
      this.#followers.add(follower);
      await this.#start();
      // What was committed meanwhile, and is not handed out by the reader any more.
      const start = this.#position;
      const isThere = (position: bigint) => position >= start || signal.aborted;
      const position = isThere(stored) ? stored : yield* this.#stored(stored, isThere);
      yield* this.#handedOut(follower, position);
    } catch (cause) {
      throw postgresErrors.TAIL_ENDED({ cause, retryAfterSeconds: 1 });
    } finally {
      signal.removeEventListener('abort', leave);
      this.#remove(follower);
    }
  }

  /** Reads stored rows until it is enough. @returns the position of the last one. */
  async *#stored(
    after: bigint,
    isEnough: (position: bigint, size: number) => boolean,
  ): AsyncGenerator<TailEvent<Row>, bigint> {
    for (let position = after; ; ) {
      const page = await this.#options.rows.after(position, BATCH);
      for (const row of page) {
        position = nextPosition(row, position);
        yield { kind: 'row', row };
      }
      if (isEnough(position, page.length)) return position;
      if (page.length === 0) throw gap();
    }
  }

  /** Yields what the reader hands out after a position. */
  async *#handedOut(follower: Follower<Row>, after: bigint): AsyncGenerator<TailEvent<Row>, void> {
    const heartbeatMs = this.#options.heartbeatIntervalMs ?? 5000;
    let position = after;
    for (let reads = this.#reads; ; ) {
      const next = await follower.next(heartbeatMs);
      if (next === 'ended') return;
      if (next === 'silence') {
        // It vouches for "nothing new". A database that hangs leaves us without a right to say so.
        if (this.#reads > reads) yield { kind: 'heartbeat', position };
        reads = this.#reads;
        continue;
      }
      // Was read from the table already.
      if (next.position <= position) continue;
      position = next.position;
      yield { kind: 'row', row: next };
    }
  }

  /** Resolves when the reader knows where it stands. */
  #start(): Promise<void> {
    this.#starting ??= this.#begin();
    return this.#starting;
  }

  async #begin(): Promise<void> {
    try {
      this.#position = await this.#options.rows.position();
      // Runs on its own from here; it ends its followers instead of throwing.
      void this.#read();
    } catch (error) {
      this.#endAll(error);
      throw error;
    }
  }

  async #read(): Promise<void> {
    try {
      while (this.#followers.size > 0) {
        this.#hinted = false;
        const rows = await this.#options.rows.after(this.#position, BATCH);
        this.#reads += 1;
        for (const row of rows) this.#handOut(row);
        if (rows.length < BATCH) await this.#pause();
      }
      this.#starting = undefined;
    } catch (error) {
      this.#endAll(error);
    }
  }

  #handOut(row: Row): void {
    this.#position = nextPosition(row, this.#position);
    for (const follower of this.#followers) {
      if (!follower.push(row)) this.#remove(follower);
    }
  }

  async #pause(): Promise<void> {
    if (this.#hinted) return;
    this.#wake = new AbortController();
    const { signal } = this.#wake;
    const pollMs = this.#options.pollIntervalMs ?? 250;
    await delay(pollMs, undefined, { signal, ref: false }).catch(() => undefined);
  }

  /** The reader stops when nobody is left. */
  #remove(follower: Follower<Row>): void {
    this.#followers.delete(follower);
    if (this.#followers.size === 0) this.hint();
  }

  #endAll(cause: unknown): void {
    this.#starting = undefined;
    for (const follower of this.#followers) {
      follower.fail(cause);
      this.#remove(follower);
    }
  }
}

function nextPosition(row: { readonly position: bigint }, last: bigint): bigint {
  if (row.position !== last + 1n) throw gap();
  return row.position;
}

function gap(): Error {
  return new Error('rows after this position are not kept any more, or were lost');
}
