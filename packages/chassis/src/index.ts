/**
 * What a service stands on: configuration, logs, telemetry, certificates, a gRPC server that asks
 * the contract's two questions before each handler, typed clients, health, and an orderly end.
 */
export type { CallOptions, ServiceClient } from '@gatehouse/client/grpc';
export type { AdminRoute } from './admin/added-routes.ts';
export type { ReadinessCheck } from './admin/readiness.ts';
export { readTraceView } from './config/config.ts';
export { type Environment, EnvReader } from './config/env-reader.ts';
export { ConfigError } from './config/errors.ts';
export { addressesOf, readUpstreams } from './config/upstreams.ts';
export type { HttpTargetUse } from './context/http-targets.ts';
export type {
  BuildService,
  Listener,
  RunningService,
  ServiceApp,
  ServiceContext,
} from './context/service-context.ts';
export {
  type Call,
  type Handler,
  type Handlers,
  type Implementation,
  implement,
} from './grpc/call.ts';
export type { Interceptor } from './grpc/interceptor.ts';
export { assertValid } from './grpc/validate.ts';
export { settle } from './process/settle.ts';
export { runService, type StartOptions, startService } from './process/start-service.ts';
export type { Series } from './telemetry/histogram.ts';
export { createLogger, type LogOptions, traceIds } from './telemetry/log.ts';
export { type SpanOptions, withSpan } from './telemetry/spans.ts';
export { startTelemetry, type Telemetry, type TelemetryOptions } from './telemetry/telemetry.ts';
export { type FetchedDocument, mtlsFetchDocument } from './tls/fetch-document.ts';
export { logRefusedConnections } from './tls/refusals.ts';
export {
  checkServerIdentityFor,
  IdentityError,
  parseSpiffeId,
  spiffeIdFor,
  spiffeIdOf,
} from './tls/spiffe.ts';
export { TlsFiles } from './tls/tls-files.ts';
export type { AuthTrust } from './trust/auth-trust.ts';
export type { PassportGate, ServiceTokenGate } from './trust/gates.ts';
