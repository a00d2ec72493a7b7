/** Starts the parts in the order that they need each other, and stops them in reverse. */
import { randomBytes } from 'node:crypto';
import { openAuthority } from '../ca/authority.ts';
import { createRootChanger, type RootChanger } from '../ca/change-root.ts';
import { createIdentities, type Identities } from '../ca/identities.ts';
import { OPERATOR } from '../clients/operator.ts';
import { readConfig } from '../config.ts';
import { ensureDemoAssets } from '../demo/assets.ts';
import { type DemoUser, ensureDemoUsers } from '../demo/users.ts';
import type { Part } from '../discovery/part.ts';
import { readOrCreate } from '../files.ts';
import { type Layout, layoutOf } from '../layout.ts';
import { POSTGRES, services, TRACES_PORT } from '../parts.ts';
import { openCluster } from '../postgres/cluster.ts';
import { ensureDatabases } from '../postgres/databases.ts';
import { seconds, systemTiming } from '../timing.ts';
import { type Collector, startCollector } from '../traces/collector.ts';
import { createPartClients, type PartClients } from './clients.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { postgresPlan, type Setting, servicePlan } from './plans.ts';
import { assertPortsFree, type PortUse } from './ports.ts';
import { portUses, type Replica, replicasOf } from './replicas.ts';
import { createRunner, type ProcessPlan, type Runner } from './runner.ts';

export interface PlatformOptions {
  /** The data folder; created when missing. */
  readonly dataDir: string;
  /** Added to every port. Default 0. */
  readonly portOffset?: number;
  /** Part → replicas. Default one of each. */
  readonly replicas?: Readonly<Record<string, number>>;
  /** The services to run, for tests of the platform itself. Default: all. */
  readonly services?: readonly Part[];
  /** Settings for every service, added to those of the platform. */
  readonly env?: Readonly<Record<string, string>>;
  /** Receives progress, a line each, for people. */
  readonly onLine?: (line: string) => void;
  /** Ends the start: what runs is stopped, and the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export class System {
  readonly replicas: readonly Replica[];
  readonly runners = new Map<string, Runner>();
  demoUsers: readonly DemoUser[] = [];
  databaseUrls: ReadonlyMap<string, string> = new Map();

  readonly #onLine: (line: string) => void;
  readonly #layout: Layout;
  readonly #setting: Setting;
  readonly #ledger: Ledger;
  readonly #onExit = () => this.#endAtOnce();
  /** In the embedded default only: with DATABASE_URL, traces go where OTEL_… says. */
  readonly #traces: PortUse | undefined;
  #collector: Collector | undefined;
  #identities: Identities | undefined;
  #rootChanger: RootChanger | undefined;
  readonly #clients: PartClients;
  #stopping: Promise<void> | undefined;

  /** @throws PlatformError for an offset or replicas that there are no ports for. */
  constructor(options: PlatformOptions) {
    const config = readConfig();
    const chosen = options.services ?? services();
    this.replicas = replicasOf({
      parts: config.databaseUrl === undefined ? [POSTGRES, ...chosen] : chosen,
      portOffset: options.portOffset ?? 0,
      replicas: options.replicas ?? {},
    });
    this.#onLine = options.onLine ?? (() => undefined);
    this.#layout = layoutOf(options.dataDir);
    const { replicas } = this;
    const tracesPort = TRACES_PORT + (options.portOffset ?? 0);
    const embedded = config.databaseUrl === undefined;
    this.#traces = embedded ? { port: tracesPort, neededBy: 'the trace view' } : undefined;
    this.#setting = {
      config,
      layout: this.#layout,
      replicas,
      env: options.env ?? {},
      ...(embedded ? { traceView: `http://127.0.0.1:${tracesPort}` } : {}),
    };
    this.#clients = createPartClients(this.#setting);
    this.#ledger = createLedger({
      dataDir: options.dataDir,
      run: {
        portOffset: options.portOffset ?? 0,
        startedAtMs: systemTiming.nowMs(),
        parts: Object.fromEntries(
          replicas.map(({ name, part, ports }) => [name, { what: part.what, ports }]),
        ),
      },
      onError: (error) => this.#onLine(`state.json could not be written: ${String(error)}`),
    });
  }

  async start(): Promise<void> {
    const traces = this.#traces === undefined ? [] : [this.#traces];
    await assertPortsFree([...portUses(this.replicas), ...traces]);
    process.once('exit', this.#onExit);
    if (this.#traces !== undefined) this.#collector = await startCollector(this.#traces);
    const databases = this.#startDatabases();
    const identities = this.#prepareIdentities();
    await Promise.all([databases, identities, this.#startServices(databases, identities)]);
    const edge = this.#portOf('gateway', 'http');
    const embedded = this.#setting.config.databaseUrl === undefined;
    if (embedded && edge !== undefined && this.#stopping === undefined) {
      await this.#createDemoUsers(edge);
    }
    if (this.#stopping === undefined) this.#ledger.noteUp(systemTiming.nowMs());
    await this.#ledger.written();
  }

  /** Base URL of the collector, where there is one. */
  get tracesUrl(): string | undefined {
    return this.#collector?.url;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async identity(workload: string): Promise<string> {
    const folder = this.#layout.identity(workload);
    await this.#identities?.provide(folder, workload);
    return folder;
  }

  async #prepareIdentities(): Promise<void> {
    const authority = await openAuthority({
      folder: this.#layout.ca,
      trustDomain: this.#setting.config.trustDomain,
      clock: systemTiming,
    });
    const identities = createIdentities({
      authority,
      clock: systemTiming,
      onError: (error) => this.#onLine(`certificate renewal failed, retrying: ${String(error)}`),
    });
    this.#identities = identities;
    this.#rootChanger = createRootChanger({
      folder: this.#layout.ca,
      authority,
      identities,
      timing: systemTiming,
      onLine: this.#onLine,
    });
    const services = this.replicas.filter(({ part }) => part.main !== undefined);
    await Promise.all([
      // For the command line, and for what this supervisor itself asks of auth.
      this.identity(OPERATOR),
      readOrCreate(this.#layout.kekFile, () => randomBytes(32).toString('base64')),
      ...services.map(({ name, part }) => identities.provide(this.#layout.tls(name), part.name)),
    ]);
  }

  async #startDatabases(): Promise<void> {
    const adminUrl = this.#setting.config.databaseUrl ?? (await this.#startPostgres());
    if (this.#stopping !== undefined) return;
    const owners = this.replicas.filter(({ part }) => part.database);
    const services = [...new Set(owners.map(({ part }) => part.name))];
    this.databaseUrls = await ensureDatabases({
      adminUrl,
      services,
      keysFolder: this.#layout.keys,
    });
  }

  async #startPostgres(): Promise<string> {
    const startedMs = systemTiming.nowMs();
    const replica = this.replicas.find(({ part }) => part === POSTGRES);
    const { sql: port } = replica?.ports ?? {};
    if (replica === undefined || port === undefined) throw new Error('postgres is not listed');
    const cluster = await openCluster({
      folder: this.#layout.postgres,
      passwordFile: this.#layout.postgresPassword,
      port,
    });
    await this.#run(replica, await postgresPlan(cluster, this.#setting), startedMs);
    return cluster.adminUrl;
  }

  /** Each service as soon as what it needs is ready. */
  async #startServices(databases: Promise<void>, identities: Promise<void>): Promise<void> {
    const ready = new Map<string, Promise<unknown>>([[POSTGRES.name, databases]]);
    for (const part of this.#services) {
      const needs = part.needs.flatMap((name) => ready.get(name) ?? []);
      const replicas = this.replicas.filter((replica) => replica.part === part);
      const started = Promise.all([identities, ...needs]).then(() =>
        Promise.all(replicas.map((replica) => this.#startService(replica))),
      );
      ready.set(part.name, started);
    }
    await Promise.all(ready.values());
  }

  /** In the order of parts.ts, where every part follows those that it needs. */
  get #services(): readonly Part[] {
    const parts = this.replicas.map(({ part }) => part);
    return [...new Set(parts)].filter(({ main }) => main !== undefined);
  }

  async #startService(replica: Replica): Promise<void> {
    const startedMs = systemTiming.nowMs();
    const databaseUrl = this.databaseUrls.get(replica.part.name);
    const client = await this.#clients.of(replica.part);
    const own = {
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
      ...(client === undefined ? {} : { client }),
    };
    await this.#run(replica, await servicePlan(replica, this.#setting, own), startedMs);
  }

  async #run(replica: Replica, plan: ProcessPlan, startedMs: number): Promise<void> {
    // Asked to stop meanwhile: what is not started need not be stopped.
    if (this.#stopping !== undefined) return;
    const events = {
      onLine: this.#onLine,
      onProcess: this.#ledger.note.bind(undefined, plan.name),
    };
    const runner = createRunner(plan, events, systemTiming);
    this.runners.set(plan.name, runner);
    await runner.start();
    if (this.#stopping !== undefined) return;
    const ports = Object.entries(replica.ports).map(([listener, port]) => `${listener} ${port}`);
    this.#report(plan.name, 'ready', startedMs, ports.join(', '));
  }

  async #createDemoUsers(edgePort: number): Promise<void> {
    const startedMs = systemTiming.nowMs();
    const edgeUrl = `http://127.0.0.1:${edgePort}`;
    const file = this.#layout.demoFile;
    this.demoUsers = await ensureDemoUsers({ edgeUrl, file });
    const core = this.#portOf('core', 'grpc');
    if (core !== undefined) {
      const tlsFolder = this.#layout.identity(OPERATOR);
      const target = { tlsFolder, addresses: [`localhost:${core}`] };
      await ensureDemoAssets(file, { edgeUrl, target });
    }
    this.#report('demo users', 'ready', startedMs);
  }

  /** In reverse: the gateway drains before the services that it calls shut down. */
  async #stopAll(): Promise<void> {
    for (const { name } of [...this.replicas].reverse()) await this.#stopOne(name);
    await this.#collector?.close();
    this.#rootChanger?.close();
    this.#identities?.close();
    process.off('exit', this.#onExit);
    this.#ledger.noteStopped();
    await this.#ledger.written();
  }

  async #stopOne(name: string): Promise<void> {
    const runner = this.runners.get(name);
    if (runner === undefined) return;
    const startedMs = systemTiming.nowMs();
    await runner.stop();
    this.#report(name, 'stopped', startedMs);
  }

  /** This process ends without having stopped them: a crash, or a second Ctrl-C. */
  #endAtOnce(): void {
    for (const [name, runner] of this.runners) {
      runner.kill(name === POSTGRES.name ? 'SIGINT' : 'SIGKILL');
    }
  }

  #report(name: string, what: string, sinceMs: number, more = ''): void {
    const took = seconds(systemTiming.nowMs() - sinceMs);
    this.#onLine(`${name.padEnd(10)} ${what.padEnd(7)} ${took.padStart(6)}   ${more}`.trimEnd());
  }

  #portOf(name: string, listener: string): number | undefined {
    return this.replicas.find((each) => each.name === name)?.ports[listener];
  }
}
