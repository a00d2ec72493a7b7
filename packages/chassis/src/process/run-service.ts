import { processEnvironment } from '../config/config.ts';
import type { BuildService } from '../context/service-context.ts';
import { runProcess } from './run-process.ts';
import { startService } from './start-service.ts';

/**
 * Runs a service until it is told to stop: drained, what is in flight finishes within ten seconds. A
 * `app.ts` of a service ends with this one call, under `import.meta.main`. Signals and exit codes are those of `runProcess`.
 *
 * @example
 * ```ts
 * import { type BuildService, runService } from '@gatehouse/chassis';
 *
 * export const main = (build: BuildService) => runService({ name: 'board', build });
 * ```
 */
export async function runService(options: {
  readonly name: string;
  readonly build: BuildService;
}): Promise<void> {
  const env = processEnvironment();
  await runProcess(options.name, (signal) => startService({ ...options, env, signal }));
}
