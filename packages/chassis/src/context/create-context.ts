/** Makes the {@link ServiceContext} of a process: each part on first use, closed in the drain. */
import type { DescService } from '@bufbuild/protobuf';
import type { HttpTarget } from '@gatehouse/client';
import {
  createServiceClient,
  createUpstream,
  type ServiceClient,
  type Upstream,
} from '@gatehouse/client/grpc';
import { AuthService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import type { Database } from '@gatehouse/postgres';
import type { Clock } from '@gatehouse/tokens';
import type { Logger } from 'pino';
import type { AdminRoute, AdminRoutes } from '../admin/routes.ts';
import type { Readiness } from '../admin/server.ts';
import type { ChassisConfig } from '../config/config.ts';
import type { EnvReader } from '../config/env-reader.ts';
import { ConfigError } from '../config/errors.ts';
import { addressesOf, readUpstreams } from '../config/upstreams.ts';
import type { Closers } from '../process/closers.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { spiffeIdFor } from '../tls/spiffe.ts';
import type { TlsFiles } from '../tls/tls-files.ts';
import { startTrust, type TrustOptions } from '../trust/passports.ts';
import { startServiceTrust } from '../trust/service-tokens.ts';
import { migrateWhenThere, openServiceDatabase, type Schema } from './database.ts';
import { HttpTargets, type HttpTargetUse, logBreaker } from './http-targets.ts';
import type {
  ReadinessCheck,
  ServiceContext,
  ServiceTokenTrust,
  ServiceTrust,
} from './service-context.ts';

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

export class ProcessContext implements ServiceContext {
  readonly #parts: ContextParts;
  readonly #upstreams = new Map<string, Upstream>();
  readonly #clients = new Map<string, unknown>();
  #http: HttpTargets | undefined;
  #trust: ServiceTrust | undefined;
  #serviceTokens: ServiceTokenTrust | undefined;
  #database: Promise<unknown> | undefined;

  constructor(parts: ContextParts) {
    this.#parts = parts;
  }

  get name(): string {
    return this.#parts.name;
  }

  get trustDomain(): string {
    return this.#parts.config.trustDomain;
  }

  get identity(): string {
    return this.#parts.tls.identity;
  }

  get env(): EnvReader {
    return this.#parts.env;
  }

  get log(): Logger {
    return this.#parts.log;
  }

  get clock(): Clock {
    return this.#parts.clock;
  }

  get tls(): TlsFiles {
    return this.#parts.tls;
  }

  get telemetry(): Telemetry {
    return this.#parts.telemetry;
  }

  database<Tables>(schema: Schema): Promise<Database<Tables>> {
    this.#database ??= this.#openDatabase<Tables>(schema);
    // One database for each service: whoever asks again names the same tables.
    return this.#database as Promise<Database<Tables>>;
  }

  client<S extends DescService>(service: S): ServiceClient<S> {
    const known = this.#clients.get(service.typeName);
    // Stored below under the same descriptor's name.
    if (known !== undefined) return known as ServiceClient<S>;
    const client = createServiceClient(service, this.#upstreamOf(service));
    this.#clients.set(service.typeName, client);
    return client;
  }

  http(name: string, use: HttpTargetUse = {}): HttpTarget {
    this.#http ??= new HttpTargets({ ...this.#parts, trustDomain: this.trustDomain });
    return this.#http.target(name, use);
  }

  trust(): ServiceTrust {
    if (this.#trust !== undefined) return this.#trust;
    const trust = startTrust(this.#trustOptions());
    this.#trust = trust;
    this.#parts.closers.add('trust', () => trust.close());
    return trust;
  }

  serviceTokens(): ServiceTokenTrust {
    if (this.#serviceTokens !== undefined) return this.#serviceTokens;
    const trust = startServiceTrust(this.#trustOptions(), this.env.string('GATEHOUSE_ISSUER'));
    this.#serviceTokens = trust;
    this.#parts.closers.add('trust in service tokens', () => trust.close());
    return trust;
  }

  onClose(close: () => Promise<void>): void {
    this.#parts.closers.add(this.name, close);
  }

  readiness(name: string, check: ReadinessCheck): void {
    this.#parts.readiness.add(name, check);
  }

  adminRoute(route: AdminRoute): void {
    this.#parts.adminRoutes.add(route);
  }

  #trustOptions(): TrustOptions {
    return {
      ...this.#parts,
      trustDomain: this.trustDomain,
      keysUrl: keysUrlOf(this.env),
      auth: this.client(AuthService),
      meter: this.#parts.telemetry.meter,
    };
  }

  async #openDatabase<Tables>(schema: Schema): Promise<Database<Tables>> {
    const { env, name, log, closers, readiness, signal } = this.#parts;
    const database = openServiceDatabase<Tables>({ url: env.string('DATABASE_URL'), name, log });
    closers.add('database', () => database.close());
    readiness.add('database', () => database.check());
    await migrateWhenThere(database, { ...schema, log, signal });
    return database;
  }

  #upstreamOf(service: DescService): Upstream {
    const name = service.file.proto.package.split('.')[1] ?? '';
    const known = this.#upstreams.get(name);
    if (known !== undefined) return known;
    const { env, tls, telemetry, closers, log } = this.#parts;
    const upstream = createUpstream({
      addresses: addressesOf(readUpstreams(env), name),
      serverSpiffeId: spiffeIdFor(this.trustDomain, name),
      tls,
      tracer: telemetry.tracer,
      onBreaker: (state) => logBreaker(log, name, state),
    });
    this.#upstreams.set(name, upstream);
    closers.add(`client of ${name}`, async () => upstream.close());
    return upstream;
  }
}

function keysUrlOf(env: EnvReader): URL {
  const name = 'GATEHOUSE_KEYS_URL';
  const url = env.url(name);
  if (url.protocol !== 'https:') {
    throw new ConfigError(name, 'must begin with https:, such as https://localhost:7412');
  }
  return url;
}
