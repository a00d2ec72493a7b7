import type { CommittedChange } from '../common/base.ts';
import { authErrors } from '../common/errors.ts';

/**
 * What waits for one watcher of the feed: bounded, so that one who does not read costs no more than
 * that. It is ended instead, and begins again with a snapshot.
 */
export class Watcher {
  readonly #maxBehind: number;
  #queue: CommittedChange[] = [];
  #ended = false;
  #failure: Error | undefined;
  #arrived: (() => void) | undefined;

  constructor(maxBehind: number) {
    this.#maxBehind = maxBehind;
  }

  /** @returns false when it has ended, or ends now because too much waits already. */
  push(change: CommittedChange): boolean {
    if (this.#queue.length >= this.#maxBehind) {
      this.fail(authErrors.FEED_ENDED({ retryAfterSeconds: 1 }));
    }
    if (this.#ended) return false;
    this.#queue.push(change);
    this.#arrived?.();
    return true;
  }

  /** Ends in peace: what waits is dropped. */
  end(): void {
    this.#ended = true;
    this.#queue = [];
    this.#arrived?.();
  }

  /** Ends with an error, which {@link next} throws. */
  fail(error: Error): void {
    if (this.#ended) return;
    this.#failure = error;
    this.end();
  }

  /**
   * The next change; `'silence'` when none came in time; `'ended'` after the end.
   *
   * @throws what {@link fail} was given.
   */
  async next(timeoutMs: number): Promise<CommittedChange | 'silence' | 'ended'> {
    if (this.#queue.length === 0 && !this.#ended) await this.#arrival(timeoutMs);
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#ended) return 'ended';
    return this.#queue.shift() ?? 'silence';
  }

  async #arrival(timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#arrived = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#arrived = undefined;
  }
}
