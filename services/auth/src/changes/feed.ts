/**
 * The feed of access changes within one process: one reader of the database for all who watch.
 *
 * Each watcher gets a snapshot and then every change after it, in commit order, once. The reader
 * looks again at once after a hint (a commit of this process) and every 250 ms (commits of other
 * copies). It ends every watcher when the database cannot be read; they connect again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ChangeRecords, Clock, CommittedChange } from '../common/base.ts';
import { authErrors } from '../common/errors.ts';
import { Watcher } from './watcher.ts';

/** What a watcher is told. */
export type FeedEvent =
  | {
      readonly kind: 'snapshot';
      readonly position: bigint;
      readonly changes: readonly CommittedChange[];
    }
  | { readonly kind: 'change'; readonly change: CommittedChange }
  | { readonly kind: 'heartbeat'; readonly position: bigint };

export interface ChangeFeedOptions {
  readonly changes: ChangeRecords;
  readonly clock: Clock;
  /** Default 250. */
  readonly pollIntervalMs?: number;
  /** Silence after which a watcher is told that the feed is alive. Default 5000. */
  readonly heartbeatIntervalMs?: number;
  /** Changes that a slow watcher may be behind before it is ended. Default 1000. */
  readonly maxBehind?: number;
}

const BATCH = 500;

export class ChangeFeed {
  readonly #options: ChangeFeedOptions;
  readonly #watchers = new Set<Watcher>();
  #reading: Promise<void> | undefined;
  #hinted = false;
  #wake = new AbortController();
  #closed = false;
  /** How often the database has answered the reader. */
  #reads = 0;

  constructor(options: ChangeFeedOptions) {
    this.#options = options;
  }

  /** Something was committed: look now. */
  hint(): void {
    this.#hinted = true;
    this.#wake.abort();
  }

  /** Ends every watcher; nobody can watch any more. */
  close(): void {
    this.#closed = true;
    this.#endAll();
  }

  /**
   * A snapshot, then each change as it commits, then heartbeats in silence. Returns when the signal
   * aborts.
   *
   * @throws auth.feed_ended when the database is away, the watcher is too slow, or the process
   *   stops: open it again.
   */
  async *watch(signal: AbortSignal): AsyncGenerator<FeedEvent, void> {
    if (this.#closed) throw authErrors.FEED_ENDED({ retryAfterSeconds: 1 });
    const watcher = new Watcher(this.#options.maxBehind ?? 1000);
    // Registered before the snapshot is taken, so that nothing falls between the two.
    this.#watchers.add(watcher);
    const leave = () => {
      watcher.end();
      this.#remove(watcher);
    };
    signal.addEventListener('abort', leave, { once: true });
    try {
      if (signal.aborted) return;
      await this.#startReading();
      const now = new Date(this.#options.clock.nowMs());
      const snapshot = await this.#options.changes.snapshot(now);
      yield { kind: 'snapshot', ...snapshot };
      yield* this.#follow(watcher, snapshot.position);
    } catch (cause) {
      throw authErrors.FEED_ENDED({ cause, retryAfterSeconds: 1 });
    } finally {
      signal.removeEventListener('abort', leave);
      this.#remove(watcher);
    }
  }

  async *#follow(watcher: Watcher, snapshotPosition: bigint): AsyncGenerator<FeedEvent, void> {
    let position = snapshotPosition;
    const heartbeatMs = this.#options.heartbeatIntervalMs ?? 5000;
    for (let reads = this.#reads; ; ) {
      const next = await watcher.next(heartbeatMs);
      if (next === 'ended') return;
      if (next === 'silence') {
        // It vouches for "nothing new". A database that hangs leaves us without a right to say so.
        if (this.#reads > reads) yield { kind: 'heartbeat', position };
        reads = this.#reads;
        continue;
      }
      // What the snapshot included already.
      if (next.position <= position) continue;
      position = next.position;
      yield { kind: 'change', change: next };
    }
  }

  /** Resolves when the reader knows where it stands. */
  #startReading(): Promise<void> {
    this.#reading ??= this.#begin();
    return this.#reading;
  }

  async #begin(): Promise<void> {
    try {
      const position = await this.#options.changes.position();
      // Runs on its own from here; it ends its watchers instead of throwing.
      void this.#read(position);
    } catch (error) {
      this.#endAll(error);
      throw error;
    }
  }

  async #read(start: bigint): Promise<void> {
    let position = start;
    try {
      while (this.#watchers.size > 0) {
        this.#hinted = false;
        const changes = await this.#options.changes.listAfter(position, BATCH);
        this.#reads += 1;
        for (const change of changes) {
          if (change.position !== position + 1n) throw new Error('the changes have a gap');
          position = change.position;
          for (const watcher of this.#watchers) {
            if (!watcher.push(change)) this.#remove(watcher);
          }
        }
        if (changes.length < BATCH) await this.#pause();
      }
      this.#reading = undefined;
    } catch (error) {
      this.#endAll(error);
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
  #remove(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    if (this.#watchers.size === 0) this.hint();
  }

  #endAll(cause?: unknown): void {
    this.#reading = undefined;
    for (const watcher of this.#watchers) {
      watcher.fail(authErrors.FEED_ENDED({ cause, retryAfterSeconds: 1 }));
      this.#remove(watcher);
    }
  }
}
