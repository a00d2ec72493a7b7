/** Timers, injected so that a test can turn the time. */

/** Runs something after some milliseconds. @returns how to call it off. */
export type After = (ms: number, run: () => void) => () => void;

/** The system's timers. They keep no process alive. */
export const systemTimers: After = (ms, run) => {
  const timer = setTimeout(run, ms).unref();
  return () => clearTimeout(timer);
};
