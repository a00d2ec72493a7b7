/** What everything in a process is made from. */
import type { Clock } from '@gatehouse/tokens';
import type { Logger } from 'pino';
import type { AdminRoutes } from '../admin/added-routes.ts';
import type { Readiness } from '../admin/readiness.ts';
import type { ChassisConfig } from '../config/config.ts';
import type { EnvReader } from '../config/env-reader.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { TlsFiles } from '../tls/tls-files.ts';
import type { Closers } from './closers.ts';

/** The parts of every process. */
export interface ProcessParts {
  readonly name: string;
  readonly log: Logger;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly readiness: Readiness;
  readonly adminRoutes: AdminRoutes;
  readonly closers: Closers;
  /** Aborted when the process has to stop while it starts. */
  readonly signal: AbortSignal;
}

/** The parts of a service, which is of a trust domain. */
export interface ServiceParts extends ProcessParts, ChassisConfig {
  readonly env: EnvReader;
  readonly tls: TlsFiles;
}
