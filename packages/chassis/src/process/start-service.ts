/** Starts a service and takes it down again in order. */
import { type Clock, systemClock } from '@gatehouse/tokens';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import type { DestinationStream } from 'pino';
import { Readiness } from '../admin/readiness.ts';
import { AdminRoutes } from '../admin/routes.ts';
import { startAdminServer } from '../admin/server.ts';
import { type ChassisConfig, readChassisConfig } from '../config/config.ts';
import { type Environment, EnvReader } from '../config/env-reader.ts';
import { ConfigError } from '../config/errors.ts';
import { type ContextParts, createContext } from '../context/create-context.ts';
import type {
  BuildService,
  RunningService,
  ServiceApp,
  ServiceContext,
} from '../context/service-context.ts';
import { callMeters } from '../grpc/run-call.ts';
import { type GrpcServer, startGrpcServer } from '../grpc/server.ts';
import { createLogger } from '../telemetry/log.ts';
import { startTelemetry } from '../telemetry/telemetry.ts';
import { spiffeIdFor } from '../tls/spiffe.ts';
import { TlsFiles } from '../tls/tls-files.ts';
import { Closers } from './closers.ts';

/** How long what is in flight may take once the process has to stop. */
const DRAIN_GRACE_MS = 10_000;

/** A service to start. */
export interface StartOptions {
  /** The workload's name, as in its certificate: `board`. */
  readonly name: string;
  readonly build: BuildService;
  readonly env: Environment;
  /** Gives up the start when aborted; a service that runs is ended by its `close()`. */
  readonly signal?: AbortSignal;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Default: standard output. */
  readonly logTo?: DestinationStream;
  /** More receivers of finished spans. */
  readonly spanProcessors?: readonly SpanProcessor[];
}

/**
 * Starts a service: settings, certificate, telemetry, admin listener, then what `build` makes, and
 * last the listeners, so that nothing is served before everything is there.
 *
 * @throws ConfigError when a setting is invalid.
 * @throws whatever `build` throws. What was open by then is closed.
 *
 * @example
 * ```ts
 * import { type BuildService, startService } from '@gatehouse/chassis';
 *
 * export async function startBoard(build: BuildService, env: Record<string, string>) {
 *   const service = await startService({ name: 'board', build, env });
 *   return () => service.close();
 * }
 * ```
 */
export async function startService(options: StartOptions): Promise<RunningService> {
  const env = new EnvReader(options.env);
  const config = readChassisConfig(env);
  const tls = ownFiles(config, options.name);
  const { name, clock = systemClock, logTo, spanProcessors } = options;
  const log = createLogger({
    name,
    level: config.logLevel,
    ...(logTo === undefined ? {} : { destination: logTo }),
  });
  const telemetry = startTelemetry({
    name,
    ...(config.otlpEndpoint === undefined ? {} : { otlpEndpoint: config.otlpEndpoint }),
    ...(config.traceView === undefined ? {} : { traceView: config.traceView }),
    ...(spanProcessors === undefined ? {} : { spanProcessors }),
  });
  const closers = new Closers();
  closers.add('certificates', async () => tls.close());
  closers.add('telemetry', () => telemetry.close());
  const signal = options.signal ?? new AbortController().signal;
  const readiness = new Readiness();
  const adminRoutes = new AdminRoutes();
  const observed = { log, telemetry, readiness, adminRoutes };
  const parts = { name, config, env, clock, tls, closers, signal, ...observed };
  try {
    return await bringUp(parts, options.build);
  } catch (error) {
    await closers.closeAll(log);
    throw error;
  }
}

function ownFiles(config: ChassisConfig, name: string): TlsFiles {
  const tls = new TlsFiles(config.tlsFolder);
  const identity = spiffeIdFor(config.trustDomain, name);
  if (tls.identity !== identity) {
    throw new ConfigError('GATEHOUSE_TLS_DIR', `must hold the certificate of ${identity}`);
  }
  return tls;
}

async function bringUp(parts: ContextParts, build: BuildService): Promise<RunningService> {
  const { config, log, tls, telemetry, readiness, adminRoutes, closers, signal } = parts;
  const startedMs = performance.now();
  tls.watch();
  tls.onChange(() => log.info({ expiresAtMs: tls.expiresAtMs }, 'certificate reloaded'));
  readiness.add('certificate', () => {
    // The system's clock, since that is what TLS goes by.
    if (tls.expiresAtMs <= systemClock.nowMs()) throw new Error('the certificate has expired');
  });
  const admin = await startAdminServer({
    host: config.bindAddress,
    port: config.adminPort,
    readiness,
    metricsText: telemetry.metricsText,
    routes: adminRoutes,
  });
  closers.add('admin', () => admin.close());
  const context = createContext(parts);
  const app = await build(context);
  signal.throwIfAborted();
  const serving: ((graceMs: number) => Promise<void>)[] = [];
  closers.add('serving', async () => {
    readiness.stopping();
    // Together, so that the grace is for all of them.
    await Promise.all(serving.map((stop) => stop(DRAIN_GRACE_MS)));
  });
  const grpc = await serveGrpc(app, parts, context);
  if (grpc !== undefined) serving.push(grpc.stop);
  for (const listener of app.listeners ?? []) {
    await listener.start();
    serving.push((graceMs) => listener.stop(graceMs));
  }
  readiness.started();
  const ports = { ...(grpc === undefined ? {} : { grpcPort: grpc.port }), adminPort: admin.port };
  log.info({ ...ports, tookMs: Math.round(performance.now() - startedMs) }, 'started');
  return {
    ...ports,
    close: async () => {
      log.info('stopping');
      await closers.closeAll(log);
    },
  };
}

async function serveGrpc(
  { implementations, interceptors = [], passports }: ServiceApp,
  parts: ContextParts,
  context: ServiceContext,
): Promise<GrpcServer | undefined> {
  if (implementations.length === 0) return undefined;
  return startGrpcServer({
    implementations,
    interceptors,
    tls: parts.tls,
    host: parts.config.bindAddress,
    port: parts.env.port('GATEHOUSE_GRPC_PORT'),
    trustDomain: parts.config.trustDomain,
    passports: passports ?? context.trust(),
    telemetry: parts.telemetry,
    meters: callMeters(parts.telemetry),
    log: parts.log,
  });
}
