/** The feed of access changes within one process: a snapshot, then every change after it. */
import { type CommittedRows, Tail, type TailOptions } from '@gatehouse/postgres';
import { type Clock, nowOf } from '../common/base.ts';
import { authErrors } from '../common/errors.ts';
import type { CommittedChange } from './rules.ts';
import type { ChangeSnapshot } from './store.ts';

/** What a watcher is told. */
export type FeedEvent =
  | ({ readonly kind: 'snapshot' } & ChangeSnapshot)
  | { readonly kind: 'change'; readonly change: CommittedChange }
  | { readonly kind: 'heartbeat'; readonly position: bigint };

export interface ChangeFeedOptions extends Omit<TailOptions<CommittedChange>, 'rows'> {
  readonly changes: CommittedRows<CommittedChange>;
  readonly snapshot: (now: Date) => Promise<ChangeSnapshot>;
  readonly clock: Clock;
}

export class ChangeFeed {
  readonly #options: ChangeFeedOptions;
  readonly #tail: Tail<CommittedChange>;
  #closed = false;

  constructor(options: ChangeFeedOptions) {
    this.#options = options;
    this.#tail = new Tail({ ...options, rows: options.changes });
  }

  /** Something was committed: look now. */
  hint(): void {
    this.#tail.hint();
  }

  /** Ends every watcher; nobody can watch any more. */
  close(): void {
    this.#closed = true;
    this.#tail.close();
  }

  /**
   * A snapshot, then each change as it commits, then heartbeats in silence. Returns when the signal
   * aborts.
   *
   * @throws auth.feed_ended when the database is unavailable, the watcher is too slow, or the process
   *   shuts down: open it again.
   */
  async *watch(signal: AbortSignal): AsyncGenerator<FeedEvent, void> {
    const { snapshot, clock } = this.#options;
    if (this.#closed) throw authErrors.FEED_ENDED({ retryAfterSeconds: 1 });
    try {
      const { position, changes } = await snapshot(nowOf(clock));
      yield { kind: 'snapshot', position, changes };
      for await (const event of this.#tail.follow(position, signal)) {
        yield event.kind === 'row' ? { kind: 'change', change: event.row } : event;
      }
    } catch (cause) {
      throw authErrors.FEED_ENDED({ cause, retryAfterSeconds: 1 });
    }
  }
}
