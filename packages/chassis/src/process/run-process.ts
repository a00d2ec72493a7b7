/** A program as a process: signals, exit codes, and the end of its supervisor. */

import { isSupervised, processEnvironment } from '../config/config.ts';
import { ConfigError } from '../config/errors.ts';
import { createLogger } from '../telemetry/log.ts';

// sysexits.h: EX_CONFIG.
const EXIT_CONFIG = 78;

/**
 * Runs a program until it is told to stop, and exits.
 *
 * TERM, INT, or the end of the supervisor's channel (with GATEHOUSE_SUPERVISED=1) close it, exit 0. A
 * second signal changes nothing, since one Ctrl-C reaches a process on several ways. A setting that is
 * wrong is told on standard error, exit 78; any other failure is logged, exit 1.
 *
 * @param start - gives up when the signal aborts.
 *
 * @example
 * ```ts
 * import { runProcess } from '@gatehouse/chassis/standalone';
 *
 * export const main = () =>
 *   runProcess('worker', async (signal) => {
 *     const timer = setInterval(() => console.info('working'), 1_000);
 *     signal.addEventListener('abort', () => clearInterval(timer));
 *     return { close: async () => clearInterval(timer) };
 *   });
 * ```
 */
export async function runProcess(
  name: string,
  start: (signal: AbortSignal) => Promise<{ close(): Promise<void> }>,
): Promise<void> {
  process.on('uncaughtException', (error) => fail(name, error));
  const stop = stopSignal(isSupervised(processEnvironment()));
  try {
    const running = await start(stop);
    if (!stop.aborted) await new Promise((resolve) => stop.addEventListener('abort', resolve));
    await running.close();
  } catch (error) {
    // A start that was given up because of a signal is an orderly end.
    if (!stop.aborted) fail(name, error);
  }
  // Whatever a dependency has left open must not keep a drained process.
  process.exit(0);
}

function stopSignal(supervised: boolean): AbortSignal {
  const stop = new AbortController();
  const request = (): void => stop.abort();
  process.on('SIGTERM', request);
  process.on('SIGINT', request);
  if (supervised) {
    process.on('disconnect', request);
    if (!process.connected) request();
  }
  return stop.signal;
}

function fail(name: string, error: unknown): never {
  if (error instanceof ConfigError) {
    process.stderr.write(`${name} cannot start: ${error.message}\n`);
    process.exit(EXIT_CONFIG);
  }
  createLogger({ name, level: 'fatal' }).fatal({ err: error }, 'the service failed');
  process.exit(1);
}
