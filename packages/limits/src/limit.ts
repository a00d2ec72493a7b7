/** The port: a limit of so many in a window of time, for each key by itself. */

/** How much is allowed. */
export interface LimitSettings {
  /** In each window, for each key. 0: none. */
  readonly points: number;
  readonly windowMs: number;
}

/** What is left to a key in the window that runs. */
export interface LimitState {
  readonly allowed: boolean;
  readonly left: number;
  /** Until the window ends, and all of it is there again. */
  readonly leftMs: number;
}

/** Counts what keys do in windows of time. Says what is allowed; to refuse is the caller's. */
export interface Limit {
  /** Counts one, whether or not it is allowed. */
  take(key: string): LimitState | Promise<LimitState>;
  /** Tells what `take` would, and counts nothing. */
  peek(key: string): LimitState | Promise<LimitState>;
  /** One that was taken does not count after all. */
  giveBack(key: string): void | Promise<void>;
}
