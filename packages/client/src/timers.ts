/** Timers, injected so that a test can turn the time. */

/** Runs something after some milliseconds. @returns how to call it off. */
export type After = (ms: number, run: () => void) => () => void;

/**
 * Runs something later, by the system's timers. They keep no process alive.
 *
 * @example
 * ```ts
 * import { systemTimers } from '@gatehouse/client';
 *
 * const cancel = systemTimers(1_000, () => console.log('a second later'));
 * cancel();
 * ```
 */
export const systemTimers: After = (ms, run) => {
  const timer = setTimeout(run, ms).unref();
  return () => clearTimeout(timer);
};
