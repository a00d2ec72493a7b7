/** Makes the {@link ServiceContext} of a process: each part on first use, closed in the drain. */
import { AuthService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import type { Database } from '@gatehouse/postgres';
import type { Clock } from '@gatehouse/tokens';
import type { Logger } from 'pino';
import type { Readiness } from '../admin/readiness.ts';
import type { AdminRoutes } from '../admin/routes.ts';
import type { ChassisConfig } from '../config/config.ts';
import type { EnvReader } from '../config/env-reader.ts';
import type { Closers } from '../process/closers.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { TlsFiles } from '../tls/tls-files.ts';
import { createAuthTrust } from '../trust/auth-trust.ts';
import { createClients } from './clients.ts';
import { openServiceDatabase, type Schema } from './database.ts';
import { createHttpTargets } from './http-targets.ts';
import type { ServiceContext } from './service-context.ts';

/** What a context is made from. */
export interface ContextParts {
  readonly name: string;
  readonly config: ChassisConfig;
  readonly env: EnvReader;
  readonly log: Logger;
  readonly clock: Clock;
  readonly tls: TlsFiles;
  readonly telemetry: Telemetry;
  readonly readiness: Readiness;
  readonly adminRoutes: AdminRoutes;
  readonly closers: Closers;
  /** Aborted when the process has to stop while it starts. */
  readonly signal: AbortSignal;
}

/** Makes it. Nothing is connected to before a part that needs it is asked for. */
export function createContext(parts: ContextParts): ServiceContext {
  const { name, env, log, clock, tls, telemetry, readiness, adminRoutes, closers } = parts;
  const { trustDomain } = parts.config;
  const client = createClients({ ...parts, trustDomain });
  let database: Promise<unknown> | undefined;
  return {
    name,
    trustDomain,
    identity: tls.identity,
    env,
    log,
    clock,
    tls,
    telemetry,
    client,
    http: createHttpTargets({ ...parts, trustDomain }),
    ...createAuthTrust({ ...parts, trustDomain, auth: () => client(AuthService) }),
    database: <Tables>(schema: Schema) => {
      database ??= openServiceDatabase<Tables>(parts, schema);
      // One database for each service: whoever asks again names the same tables.
      return database as Promise<Database<Tables>>;
    },
    onClose: (close) => closers.add(name, close),
    readiness: (check, run) => readiness.add(check, run),
    adminRoute: (route) => adminRoutes.add(route),
  };
}
