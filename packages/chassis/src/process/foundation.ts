/** What every process stands on, in a trust domain or not, and the order in which it starts and ends. */
import { type Clock, systemClock } from '@gatehouse/tokens';
import type { DestinationStream } from 'pino';
import { AdminRoutes } from '../admin/added-routes.ts';
import { Readiness } from '../admin/readiness.ts';
import { startAdminServer } from '../admin/server.ts';
import type { Listener, RunningService } from '../context/service-context.ts';
import { createLogger, type LogLevel } from '../telemetry/log.ts';
import { startTelemetry, type TelemetryOptions } from '../telemetry/telemetry.ts';
import { Closers } from './closers.ts';
import type { ProcessParts } from './parts.ts';

/** How long what is in flight may take once the process has to stop. */
const DRAIN_GRACE_MS = 10_000;

interface FoundationOptions extends TelemetryOptions {
  readonly logLevel: LogLevel;
  readonly clock?: Clock | undefined;
  readonly logTo?: DestinationStream | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What is listened at, once everything is built. */
interface Serving {
  /** Of the admin listener. */
  readonly host: string;
  readonly port: number;
  /** @returns what is started after everything else, and stopped first. */
  readonly build: () => Promise<readonly Listener[]>;
}

export function layFoundation(options: FoundationOptions): ProcessParts {
  const { name, logLevel: level, logTo: destination } = options;
  const { clock = systemClock, signal = new AbortController().signal } = options;
  const log = createLogger({ name, level, destination });
  const telemetry = startTelemetry(options);
  const closers = new Closers();
  closers.add('telemetry', () => telemetry.close());
  const readiness = new Readiness();
  return {
    name,
    log,
    clock,
    telemetry,
    readiness,
    adminRoutes: new AdminRoutes(),
    closers,
    signal,
  };
}

/**
 * Starts the admin listener, then what is built, and last its listeners, so that nothing is served before
 * everything is there.
 *
 * @throws whatever `build` or a listener throws. What was open by then is closed.
 */
export async function bringUp(parts: ProcessParts, serving: Serving): Promise<RunningService> {
  const { log, telemetry, readiness, adminRoutes, closers, signal } = parts;
  const { host, port } = serving;
  const { metricsText } = telemetry;
  const startedMs = performance.now();
  try {
    const admin = await startAdminServer({ host, port, readiness, metricsText, adminRoutes });
    closers.add('admin', () => admin.close());
    const listeners = await serving.build();
    signal.throwIfAborted();
    await startAll(parts, listeners);
    readiness.started();
    const tookMs = Math.round(performance.now() - startedMs);
    log.info({ adminPort: admin.port, tookMs }, 'started');
    return {
      adminPort: admin.port,
      close: async () => {
        log.info('stopping');
        await closers.closeAll(log);
      },
    };
  } catch (error) {
    await closers.closeAll(log);
    throw error;
  }
}

async function startAll(
  { readiness, closers }: ProcessParts,
  listeners: readonly Listener[],
): Promise<void> {
  const started: Listener[] = [];
  closers.add('serving', async () => {
    readiness.stopping();
    // Together, so that the grace is for all of them.
    await Promise.all(started.map((listener) => listener.stop(DRAIN_GRACE_MS)));
  });
  for (const listener of listeners) {
    await listener.start();
    started.push(listener);
  }
}
