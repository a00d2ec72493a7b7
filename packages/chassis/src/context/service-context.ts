/** What a service is given by the chassis, and what it gives back. */
import type { DescService } from '@bufbuild/protobuf';
import type { HttpTarget } from '@gatehouse/client';
import type { ServiceClient } from '@gatehouse/client/grpc';
import type { Database } from '@gatehouse/postgres';
import type { Clock } from '@gatehouse/tokens';
import type { Logger } from 'pino';
import type { AdminRoute } from '../admin/added-routes.ts';
import type { ReadinessCheck } from '../admin/readiness.ts';
import type { EnvReader } from '../config/env-reader.ts';
import type { Implementation } from '../grpc/call.ts';
import type { Interceptor } from '../grpc/interceptor.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { TlsFiles } from '../tls/tls-files.ts';
import type { AuthTrust } from '../trust/auth-trust.ts';
import type { PassportGate } from '../trust/gates.ts';
import type { Schema } from './database.ts';
import type { HttpTargetUse } from './http-targets.ts';

/**
 * The parts that every service stands on. Asking for one twice gives the same one. All are members of
 * the object itself, so that `{ ...context, clock }` has them too.
 */
export interface ServiceContext extends AuthTrust {
  /** The workload's name: `board`. */
  readonly name: string;
  readonly trustDomain: string;
  /** Own SPIFFE ID: `spiffe://gatehouse.local/board`. */
  readonly identity: string;
  readonly env: EnvReader;
  readonly log: Logger;
  readonly clock: Clock;
  readonly tls: TlsFiles;
  /** For spans and metrics of the service's own. */
  readonly telemetry: Telemetry;
  /**
   * Opens the service's database at DATABASE_URL: waits for it with back-off, migrates, adds the
   * readiness check `database`, closes it in the drain.
   */
  database<Tables>(schema: Schema): Promise<Database<Tables>>;
  /**
   * A client of another service, over mTLS to its addresses in GATEHOUSE_UPSTREAMS. The server must
   * be the workload that the contract's package names.
   */
  client<S extends DescService>(service: S): ServiceClient<S>;
  /**
   * A service that speaks HTTP, at its addresses in GATEHOUSE_HTTP_TARGETS, called with this service's own
   * token (GATEHOUSE_TOKEN_URL, GATEHOUSE_CLIENT_ID, GATEHOUSE_CLIENT_SECRET_FILE). Over `https:` it must be
   * the workload of that name.
   *
   * @throws ConfigError when a setting for it is missing.
   */
  http(name: string, use?: HttpTargetUse): HttpTarget;
  /** Runs at the end of the drain, last registered first. */
  onClose(close: () => Promise<void>): void;
  readiness(name: string, check: ReadinessCheck): void;
  /** Adds a question to the admin listener; never secrets in its response, nor tokens in its logs. */
  adminRoute(route: AdminRoute): void;
}

/** A listener of a service's own, such as the edge of the gateway. */
export interface Listener {
  readonly name: string;
  start(): Promise<void>;
  /** Stops accepting at once and waits at most `graceMs` for what is in flight. */
  stop(graceMs: number): Promise<void>;
}

/** What a service is made of. */
export interface ServiceApp {
  /** Empty: no gRPC listener is opened. */
  readonly implementations: readonly Implementation[];
  /** Run around every handler, the first outermost; see docs/guides/add-an-interceptor.md. */
  readonly interceptors?: readonly Interceptor[];
  /** Default: `context.trust()`. */
  readonly passports?: PassportGate;
  /** Started after everything else is built; stopped first in the drain. */
  readonly listeners?: readonly Listener[];
}

/** The composition root of a service. */
export type BuildService = (context: ServiceContext) => Promise<ServiceApp>;

/** A service that runs. */
export interface RunningService {
  /** Absent when it has no implementations. */
  readonly grpcPort?: number | undefined;
  readonly adminPort: number;
  /** Drains and closes; calling it again waits for the same drain. */
  close(): Promise<void>;
}
