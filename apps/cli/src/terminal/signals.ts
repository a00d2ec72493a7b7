/** When to stop: a signal, or the end of the process that started this one on our behalf. */

/** One Ctrl-C under npm arrives twice or thrice: from the terminal, from npm, from the stand-in. */
const SAME_SIGNAL_MS = 1_000;
/** sysexits has none for this; shells say 128 + SIGINT. */
const EXIT_IMPATIENT = 130;

export interface StopSignals {
  readonly stop: AbortSignal;
  /** Resolves when `stop` aborts. */
  readonly stopped: Promise<void>;
}

/**
 * Listens for INT, TERM and HUP, and for the channel of `bin/gatehouse.js`, if it stands in for us.
 * With `channel: false`, for a process that outlives its starter, the end of the channel means nothing.
 *
 * A second signal, unless it comes within a second, ends this process at once; what it had started
 * then ends by itself.
 */
export function stopSignals({ channel = true }: { readonly channel?: boolean } = {}): StopSignals {
  const controller = new AbortController();
  const stopped = new Promise<void>((resolve) => {
    controller.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  let firstAtMs: number | undefined;
  const onStop = () => {
    const nowMs = performance.now();
    firstAtMs ??= nowMs;
    if (nowMs - firstAtMs > SAME_SIGNAL_MS) process.exit(EXIT_IMPATIENT);
    controller.abort(new Error('asked to stop'));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onStop);
  if (channel) process.on('disconnect', onStop);
  return { stop: controller.signal, stopped };
}
