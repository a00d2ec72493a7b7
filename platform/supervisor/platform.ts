/** Starts the whole system, in the order that its parts need each other, and stops it in reverse. */
import { randomBytes } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openAuthority } from '../ca/authority.ts';
import { createIdentities, type Identities } from '../ca/identities.ts';
import { readConfig } from '../config.ts';
import { DEMO_ADMIN_EMAIL, type DemoUser, ensureDemoUsers } from '../demo/users.ts';
import { privateFolder, readOrMake } from '../files.ts';
import { type Part, POSTGRES, SERVICES, type Wiring } from '../parts.ts';
import { type Cluster, openCluster } from '../postgres/cluster.ts';
import { ensureDatabases } from '../postgres/databases.ts';
import { seconds, systemTiming } from '../timing.ts';
import { envOf, type Instance, instancesOf, portUses, upstreamsOf } from './instances.ts';
import { takeLock } from './lock.ts';
import { prepareLog } from './log-files.ts';
import { assertPortsFree } from './ports.ts';
import { identityOf, type ProcessIdentity } from './processes.ts';
import { answersReady } from './readiness.ts';
import { createRunner, type ProcessPlan, type Runner, type RunnerState } from './runner.ts';
import { endLeftovers, writeState } from './state.ts';

export interface PlatformOptions {
  /** The state folder; made when missing. */
  readonly dataDir: string;
  /** Added to every port. Default 0. */
  readonly portOffset?: number;
  /** Part → copies. Default one of each. */
  readonly copies?: Readonly<Record<string, number>>;
  /** The services to run, for tests of the platform itself. Default: all. */
  readonly services?: readonly Part[];
  /** Settings for every service, on top of what the platform says. */
  readonly env?: Readonly<Record<string, string>>;
  /** What happens, a line each, for people. */
  readonly onLine?: (line: string) => void;
  /** Ends the start: what runs is stopped, and the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface PartStatus {
  readonly name: string;
  readonly what: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly state: RunnerState;
  readonly pid: number | undefined;
}

export interface Platform {
  readonly dataDir: string;
  /** What runs, copies included, as it is now. */
  readonly parts: readonly PartStatus[];
  /** Part (`gateway`, `gateway-2`) → listener → port. */
  readonly ports: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** None with DATABASE_URL. */
  readonly demoUsers: readonly DemoUser[];
  /** Service → the URL with which it connects to its database. Secret. */
  readonly databaseUrls: ReadonlyMap<string, string>;
  /** Certificate files for another workload of the trust domain; returns their folder. */
  identity(workload: string): Promise<string>;
  /** Sends a signal to a part, as an accident would. Default SIGKILL. */
  kill(part: string, signal?: NodeJS.Signals): void;
  /** Stops everything. Safe to call again. */
  stop(): Promise<void>;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Starts everything and resolves when all of it is ready.
 *
 * @throws PlatformError when the folder is in use, a port is taken, or a part cannot be started. By
 *   then, what had been started is stopped again.
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const dataDir = await privateFolder(resolve(options.dataDir));
  const lock = await takeLock(dataDir);
  const system = new System({ ...options, dataDir: await realpath(dataDir) });
  const stop = async () => {
    await system.stop();
    lock.release();
  };
  const onAbort = () => void system.stop();
  options.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    await system.start();
    options.signal?.throwIfAborted();
  } catch (thrown) {
    await stop();
    throw options.signal?.aborted ? options.signal.reason : thrown;
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
  }
  let stopped: Promise<void> | undefined;
  return system.handle(() => {
    stopped ??= stop();
    return stopped;
  });
}

class System {
  readonly #options: PlatformOptions;
  readonly #dataDir: string;
  readonly #config = readConfig();
  readonly #onLine: (line: string) => void;
  readonly #instances: readonly Instance[];
  readonly #runners = new Map<string, Runner>();
  readonly #processes = new Map<string, ProcessIdentity>();
  #stateWritten: Promise<void> = Promise.resolve();
  #identities: Identities | undefined;
  #databaseUrls: ReadonlyMap<string, string> = new Map();
  #demoUsers: readonly DemoUser[] = [];
  #stopping: Promise<void> | undefined;

  constructor(options: PlatformOptions) {
    this.#options = options;
    this.#dataDir = options.dataDir;
    this.#onLine = options.onLine ?? (() => undefined);
    const services = options.services ?? SERVICES;
    this.#instances = instancesOf({
      parts: this.#embedded ? [POSTGRES, ...services] : services,
      portOffset: options.portOffset ?? 0,
      copies: options.copies ?? {},
    });
  }

  get #embedded(): boolean {
    return this.#config.databaseUrl === undefined;
  }

  async start(): Promise<void> {
    await endLeftovers(this.#dataDir, this.#onLine);
    this.#saveState();
    await assertPortsFree(portUses(this.#instances));
    const databases = this.#startDatabases();
    const prepared = this.#prepareIdentities();
    await Promise.all([databases, prepared, this.#startServices(databases, prepared)]);
    if (this.#embedded && this.#has('gateway') && this.#has('auth')) await this.#makeDemoUsers();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  handle(stop: () => Promise<void>): Platform {
    const [instances, runners] = [this.#instances, this.#runners];
    return {
      dataDir: this.#dataDir,
      get parts() {
        return instances.map(({ name, part, ports }) => ({
          name,
          what: part.what,
          ports,
          state: runners.get(name)?.state ?? 'stopped',
          pid: runners.get(name)?.pid,
        }));
      },
      ports: Object.fromEntries(instances.map(({ name, ports }) => [name, ports])),
      demoUsers: this.#demoUsers,
      databaseUrls: this.#databaseUrls,
      identity: async (workload) => {
        const folder = join(this.#dataDir, 'run', 'identities', workload);
        await this.#identities?.provide(folder, workload);
        return folder;
      },
      kill: (part, signal = 'SIGKILL') => {
        const runner = runners.get(part);
        if (runner === undefined) throw new Error(`no part ${part} runs`);
        runner.kill(signal);
      },
      stop,
    };
  }

  async #prepareIdentities(): Promise<void> {
    const authority = await openAuthority({
      folder: join(this.#dataDir, 'ca'),
      trustDomain: this.#config.trustDomain,
      clock: systemTiming,
    });
    const identities = createIdentities({
      authority,
      clock: systemTiming,
      onError: (error) => this.#onLine(`a certificate could not be renewed: ${String(error)}`),
    });
    this.#identities = identities;
    const services = this.#instances.filter(({ part }) => part.main !== undefined);
    await Promise.all([
      readOrMake(this.#kekFile, () => randomBytes(32).toString('base64')),
      ...services.map(({ name, part }) => identities.provide(this.#tlsFolder(name), part.name)),
    ]);
  }

  async #startDatabases(): Promise<void> {
    const services = this.#instances.flatMap(({ name, part }) =>
      part.database && name === part.name ? [part.name] : [],
    );
    const keysFolder = join(this.#dataDir, 'keys');
    const adminUrl = this.#config.databaseUrl ?? (await this.#startPostgres(keysFolder));
    if (this.#stopping !== undefined) return;
    this.#databaseUrls = await ensureDatabases({ adminUrl, services, keysFolder });
  }

  async #startPostgres(keysFolder: string): Promise<string> {
    const startedMs = systemTiming.nowMs();
    const [instance] = this.#instances;
    const port = instance?.ports.sql;
    if (instance === undefined || port === undefined) throw new Error('postgres is listed first');
    const cluster = await openCluster({
      folder: join(this.#dataDir, 'postgres'),
      passwordFile: join(keysFolder, 'postgres'),
      port,
    });
    await this.#run(instance, await this.#postgresPlan(cluster), startedMs);
    return cluster.adminUrl;
  }

  /** Each service as soon as what it needs is ready. */
  async #startServices(databases: Promise<void>, prepared: Promise<void>): Promise<void> {
    const ready = new Map<string, Promise<unknown>>([[POSTGRES.name, databases]]);
    for (const part of this.#services) {
      const needs = part.needs.flatMap((name) => ready.get(name) ?? []);
      const copies = this.#instances.filter((instance) => instance.part === part);
      const started = Promise.all([prepared, ...needs]).then(() =>
        Promise.all(copies.map((instance) => this.#startService(instance))),
      );
      ready.set(part.name, started);
    }
    await Promise.all(ready.values());
  }

  /** In an order in which every part follows those that it needs. */
  get #services(): readonly Part[] {
    return [...new Set(this.#instances.map(({ part }) => part))].filter(({ main }) => main);
  }

  async #startService(instance: Instance): Promise<void> {
    if (this.#stopping !== undefined) return;
    await this.#run(instance, await this.#servicePlan(instance), systemTiming.nowMs());
  }

  async #run(instance: Instance, plan: ProcessPlan, startedMs: number): Promise<void> {
    const runner = createRunner(
      plan,
      {
        onLine: this.#onLine,
        onProcess: (found) => {
          if (found === undefined) this.#processes.delete(plan.name);
          else this.#processes.set(plan.name, found);
          this.#saveState();
        },
      },
      systemTiming,
    );
    if (this.#stopping !== undefined) return;
    this.#runners.set(plan.name, runner);
    await runner.start();
    if (this.#stopping !== undefined) return;
    const ports = Object.entries(instance.ports).map(([listener, port]) => `${listener} ${port}`);
    const took = seconds(systemTiming.nowMs() - startedMs);
    this.#onLine(`${plan.name.padEnd(10)} ready ${took.padStart(6)}   ${ports.join(', ')}`);
  }

  async #postgresPlan(cluster: Cluster): Promise<ProcessPlan> {
    return {
      ...cluster.command,
      name: POSTGRES.name,
      env: this.#config.inherited,
      cwd: this.#dataDir,
      logFile: await this.#log(POSTGRES.name),
      stopSignal: 'SIGINT',
      ipc: false,
      ready: (pid) => cluster.ready(pid),
      prepare: () => cluster.endLeftovers(),
    };
  }

  async #servicePlan(instance: Instance): Promise<ProcessPlan> {
    const { name, part, ports } = instance;
    const admin = ports.admin;
    if (part.main === undefined || admin === undefined) throw new Error(`${name} is no service`);
    const own = {
      tlsFolder: this.#tlsFolder(name),
      databaseUrl: this.#databaseUrls.get(part.name),
    };
    return {
      name,
      command: process.execPath,
      args: [resolve(ROOT, part.main)],
      env: {
        ...this.#config.inherited,
        ...envOf(instance, this.#wiring(), own),
        NODE_COMPILE_CACHE: join(this.#dataDir, 'cache'),
        ...this.#options.env,
      },
      cwd: ROOT,
      logFile: await this.#log(name),
      stopSignal: 'SIGTERM',
      ipc: true,
      ready: () => answersReady(admin),
    };
  }

  #wiring(): Wiring {
    return {
      trustDomain: this.#config.trustDomain,
      upstreams: upstreamsOf(this.#instances),
      kekFile: this.#kekFile,
      port: (part, listener) =>
        this.#instances.find(({ name }) => name === part)?.ports[listener] ?? 0,
      ...(this.#embedded ? { bootstrapAdminEmail: DEMO_ADMIN_EMAIL } : {}),
    };
  }

  async #makeDemoUsers(): Promise<void> {
    const startedMs = systemTiming.nowMs();
    const edge = this.#instances.find(({ name }) => name === 'gateway')?.ports.http;
    this.#demoUsers = await ensureDemoUsers({
      edgeUrl: `http://127.0.0.1:${edge}`,
      file: join(this.#dataDir, 'demo.json'),
    });
    const took = seconds(systemTiming.nowMs() - startedMs);
    this.#onLine(`${'demo users'.padEnd(10)} ready ${took.padStart(6)}`);
  }

  /** Those that are needed by others are stopped after those. */
  async #stopAll(): Promise<void> {
    const stopped = new Map<string, Promise<void>>();
    for (const instance of [...this.#instances].reverse()) {
      const dependants = this.#instances
        .filter(({ part }) => part.needs.includes(instance.part.name))
        .map(({ name }) => stopped.get(name));
      stopped.set(
        instance.name,
        Promise.all(dependants).then(() => this.#stopOne(instance.name)),
      );
    }
    await Promise.all(stopped.values());
    this.#identities?.close();
    this.#saveState();
    await this.#stateWritten;
  }

  async #stopOne(name: string): Promise<void> {
    const runner = this.#runners.get(name);
    if (runner === undefined) return;
    const startedMs = systemTiming.nowMs();
    await runner.stop();
    const took = seconds(systemTiming.nowMs() - startedMs);
    this.#onLine(`${name.padEnd(10)} stopped ${took.padStart(4)}`);
  }

  #saveState(): void {
    const supervisor = identityOf(process.pid);
    const state = {
      ...(supervisor === undefined ? {} : { supervisor }),
      processes: Object.fromEntries(this.#processes),
    };
    this.#stateWritten = this.#stateWritten
      .then(() => writeState(this.#dataDir, state))
      .catch((error: unknown) => this.#onLine(`state.json was not written: ${String(error)}`));
  }

  #log(name: string): Promise<string> {
    return prepareLog(join(this.#dataDir, 'logs'), name);
  }

  #has(name: string): boolean {
    return this.#instances.some(({ part }) => part.name === name);
  }

  get #kekFile(): string {
    return join(this.#dataDir, 'keys', 'kek');
  }

  #tlsFolder(name: string): string {
    return join(this.#dataDir, 'run', name, 'tls');
  }
}
