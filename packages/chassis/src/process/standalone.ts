/**
 * `@gatehouse/chassis/standalone`: a process that belongs to no trust domain. Logs, telemetry, an admin
 * listener and an orderly end, as a service has them; no certificate, no gRPC, no database.
 */
import type { Clock } from '@gatehouse/tokens';
import type { DestinationStream } from 'pino';
import { baseContext } from '../context/base-context.ts';
import type { Listener, RunningService, ServiceContext } from '../context/service-context.ts';
import type { LogLevel } from '../telemetry/log.ts';
import { bringUp, layFoundation } from './foundation.ts';

export { processEnvironment } from '../config/config.ts';
export { type Environment, EnvReader } from '../config/env-reader.ts';
export { ConfigError } from '../config/errors.ts';
export type { Listener, RunningService } from '../context/service-context.ts';
export { LOG_LEVELS, type LogLevel } from '../telemetry/log.ts';
export { runProcess } from './run-process.ts';
export { settle } from './settle.ts';

/** The parts that such a process stands on. */
export type StandaloneContext = Pick<ServiceContext, keyof ReturnType<typeof baseContext>>;

/** A process to start. */
export interface StandaloneOptions {
  readonly name: string;
  readonly logLevel: LogLevel;
  /** On the loopback only. 0: any free port. */
  readonly adminPort: number;
  /** Absent: spans go nowhere. */
  readonly otlpEndpoint?: URL | undefined;
  /** @returns what is started after everything else is built, and stopped first. */
  readonly build: (context: StandaloneContext) => Promise<readonly Listener[]>;
  /** Gives up the start when aborted. */
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  /** Default: standard output. */
  readonly logTo?: DestinationStream | undefined;
}

const LOOPBACK = '127.0.0.1';

/**
 * Starts it: telemetry, admin listener, what `build` makes, and last the listeners.
 *
 * @throws whatever `build` throws, or a port that is taken. What was open by then is closed.
 *
 * @example
 * ```ts
 * import { startStandalone } from '@gatehouse/chassis/standalone';
 *
 * export const start = () =>
 *   startStandalone({
 *     name: 'worker',
 *     logLevel: 'info',
 *     adminPort: 0,
 *     build: async ({ log }) => {
 *       log.info('nothing listens here but the admin listener');
 *       return [];
 *     },
 *   });
 * ```
 */
export async function startStandalone(options: StandaloneOptions): Promise<RunningService> {
  const parts = layFoundation(options);
  return bringUp(parts, {
    host: LOOPBACK,
    port: options.adminPort,
    build: () => options.build(baseContext(parts)),
  });
}
