/** Starts a service and takes it down again in order. */
import type { Clock } from '@gatehouse/tokens';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';
import type { DestinationStream } from 'pino';
import { type ChassisConfig, processEnvironment, readChassisConfig } from '../config/config.ts';
import { type Environment, EnvReader } from '../config/env-reader.ts';
import { ConfigError } from '../config/errors.ts';
import { createContext } from '../context/create-context.ts';
import type {
  BuildService,
  RunningService,
  ServiceApp,
  ServiceContext,
} from '../context/service-context.ts';
import { type GrpcListener, grpcListener } from '../grpc/server.ts';
import { followCertificate } from '../tls/follow-certificate.ts';
import { spiffeIdFor } from '../tls/spiffe.ts';
import { TlsFiles } from '../tls/tls-files.ts';
import { bringUp, layFoundation } from './foundation.ts';
import type { ServiceParts } from './parts.ts';
import { runProcess } from './run-process.ts';

/** A service to start. */
export interface StartOptions {
  /** The workload's name, as in its certificate: `board`. */
  readonly name: string;
  readonly build: BuildService;
  readonly env: Environment;
  /** Gives up the start when aborted; a service that runs is ended by its `close()`. */
  readonly signal?: AbortSignal | undefined;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
  /** Default: standard output. */
  readonly logTo?: DestinationStream | undefined;
  /** More receivers of finished spans. */
  readonly spanProcessors?: readonly SpanProcessor[] | undefined;
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
  const parts = { ...layFoundation({ ...options, ...config }), ...config, env, tls };
  followCertificate(parts);
  let grpc: GrpcListener | undefined;
  const running = await bringUp(parts, {
    host: config.bindAddress,
    port: config.adminPort,
    build: async () => {
      const context = createContext(parts);
      const app = await options.build(context);
      grpc = grpcListenerOf(app, parts, context);
      return [...(grpc === undefined ? [] : [grpc]), ...(app.listeners ?? [])];
    },
  });
  return { ...running, grpcPort: grpc?.port };
}

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
export async function runService(options: Pick<StartOptions, 'name' | 'build'>): Promise<void> {
  const env = processEnvironment();
  await runProcess(options.name, (signal) => startService({ ...options, env, signal }));
}

function ownFiles(config: ChassisConfig, name: string): TlsFiles {
  const tls = new TlsFiles(config.tlsFolder);
  const identity = spiffeIdFor(config.trustDomain, name);
  if (tls.identity !== identity) {
    throw new ConfigError('GATEHOUSE_TLS_DIR', `must hold the certificate of ${identity}`);
  }
  return tls;
}

function grpcListenerOf(
  { implementations, interceptors = [], passports }: ServiceApp,
  parts: ServiceParts,
  context: ServiceContext,
): GrpcListener | undefined {
  if (implementations.length === 0) return undefined;
  return grpcListener({
    ...parts,
    implementations,
    interceptors,
    host: parts.bindAddress,
    port: parts.env.port('GATEHOUSE_GRPC_PORT'),
    passports: passports ?? context.trust(),
  });
}
