/**
 * `@gatehouse/chassis/standalone`: a process that belongs to no trust domain. Logs, telemetry, an admin
 * listener and an orderly end, as a service has them; no certificate, no gRPC, no database.
 */
import { type Clock, systemClock } from '@gatehouse/tokens';
import type { DestinationStream } from 'pino';
import { Readiness } from '../admin/readiness.ts';
import { AdminRoutes } from '../admin/routes.ts';
import { startAdminServer } from '../admin/server.ts';
import type { Listener, RunningService, ServiceContext } from '../context/service-context.ts';
import { createLogger, type LogLevel } from '../telemetry/log.ts';
import { startTelemetry } from '../telemetry/telemetry.ts';
import { Closers } from './closers.ts';

export { processEnvironment } from '../config/config.ts';
export { type Environment, EnvReader } from '../config/env-reader.ts';
export { ConfigError } from '../config/errors.ts';
export type { Listener, RunningService } from '../context/service-context.ts';
export { LOG_LEVELS, type LogLevel } from '../telemetry/log.ts';
export { runProcess } from './run-process.ts';
export { settle } from './settle.ts';

/** The parts that such a process stands on. */
export type StandaloneContext = Pick<
  ServiceContext,
  'log' | 'clock' | 'telemetry' | 'onClose' | 'readiness' | 'adminRoute'
>;

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

const DRAIN_GRACE_MS = 10_000;
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
  const { name, logLevel: level, clock = systemClock, otlpEndpoint, logTo } = options;
  const destination = logTo === undefined ? {} : { destination: logTo };
  const log = createLogger({ name, level, ...destination });
  const telemetry = startTelemetry({
    name,
    ...(otlpEndpoint === undefined ? {} : { otlpEndpoint }),
  });
  const closers = new Closers();
  closers.add('telemetry', () => telemetry.close());
  const readiness = new Readiness();
  const routes = new AdminRoutes();
  const { metricsText } = telemetry;
  try {
    const admin = await startAdminServer({
      host: LOOPBACK,
      port: options.adminPort,
      readiness,
      metricsText,
      routes,
    });
    closers.add('admin', () => admin.close());
    const listeners = await options.build({
      log,
      clock,
      telemetry,
      onClose: (close) => closers.add(name, close),
      readiness: (check, run) => readiness.add(check, run),
      adminRoute: (route) => routes.add(route),
    });
    options.signal?.throwIfAborted();
    for (const listener of listeners) {
      await listener.start();
      closers.add(listener.name, () => listener.stop(DRAIN_GRACE_MS));
    }
    closers.add('readiness', async () => readiness.stopping());
    readiness.started();
    log.info({ adminPort: admin.port }, 'started');
    return { adminPort: admin.port, close: () => closers.closeAll(log) };
  } catch (error) {
    await closers.closeAll(log);
    throw error;
  }
}
