/**
 * What a service stands on: configuration, logs, telemetry, certificates, a gRPC server that asks
 * the contract's two questions before each handler, typed clients, health, and an orderly end.
 */
export { type Environment, EnvReader } from './config/env-reader.ts';
export { ConfigError } from './config/errors.ts';
export type {
  BuildService,
  Listener,
  ReadinessCheck,
  RunningService,
  ServiceApp,
  ServiceContext,
  ServiceTrust,
} from './context.ts';
export {
  type Call,
  type Handler,
  type Handlers,
  type Implementation,
  implement,
  type PassportGate,
} from './grpc/call.ts';
export type { CallOptions, ClientMethod, ServiceClient } from './grpc/client-types.ts';
export { decodeStatus, encodeStatus } from './grpc/status.ts';
export {
  checkServerIdentityFor,
  IdentityError,
  parseSpiffeId,
  spiffeIdFor,
  spiffeIdOf,
} from './tls/spiffe.ts';
export { TlsFiles } from './tls/tls-files.ts';

import type { Environment } from './config/env-reader.ts';
import type { BuildService, RunningService } from './context.ts';
export declare function runService(options: { name: string; build: BuildService }): Promise<void>;
export declare function startService(options: {
  name: string;
  build: BuildService;
  env: Environment;
}): Promise<RunningService>;
