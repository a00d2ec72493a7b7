/** The platform as a program uses it: start it, inspect it, kill parts of it, stop it. */
import { existsSync } from 'node:fs';
import { readdir, realpath, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DemoUser } from '../demo/users.ts';
import { PlatformError } from '../errors.ts';
import { privateFolder } from '../files.ts';
import { layoutOf } from '../layout.ts';
import { endPostgresIn } from '../postgres/leftovers.ts';
import { takeLock } from './lock.ts';
import { prepareLog } from './log-files.ts';
import type { RunnerState } from './runner.ts';
import { endLeftovers } from './state.ts';
import { type PlatformOptions, System } from './system.ts';

export interface PartStatus {
  readonly name: string;
  readonly what: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly state: RunnerState;
  readonly pid: number | undefined;
}

export interface Platform {
  readonly dataDir: string;
  /** What runs, replicas included, as it is now. */
  readonly parts: readonly PartStatus[];
  /** Part (`gateway`, `gateway-2`) → listener → port. */
  readonly ports: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** The last traces as JSON (`/traces`, `/traces/<id>`). None with DATABASE_URL. */
  readonly tracesUrl: string | undefined;
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

/**
 * Starts everything and resolves when all of it is ready.
 *
 * @throws PlatformError when the folder is in use, a port is taken, or a part cannot be started. What had
 *   been started is stopped by then.
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const dataDir = await openDataFolder(options.dataDir);
  const lock = await takeLock(dataDir);
  let system: System | undefined;
  const onAbort = () => void system?.stop();
  options.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    await endEarlierRun(dataDir, options.onLine ?? (() => undefined));
    options.signal?.throwIfAborted();
    system = new System({ ...options, dataDir });
    await system.start();
    options.signal?.throwIfAborted();
  } catch (thrown) {
    await system?.stop();
    lock.release();
    throw thrown;
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
  }
  return handleOf(system, dataDir, () => lock.release());
}

/**
 * Deletes a data folder with all that is in it, and ends what an earlier run may have left in it.
 *
 * @throws PlatformError when a platform runs on it, or it is not a data folder.
 */
export async function deletePlatformData(
  folder: string,
  onLine: (line: string) => void,
): Promise<void> {
  await assertOurs(folder);
  const dataDir = await realpath(folder);
  const lock = await takeLock(dataDir);
  try {
    await endEarlierRun(dataDir, onLine);
    await rm(dataDir, { recursive: true });
  } finally {
    lock.release();
  }
}

/**
 * The log of a detached supervisor, beside those of the parts.
 *
 * @returns its path. @throws PlatformError when the folder is not a data folder.
 */
export async function prepareSupervisorLog(folder: string): Promise<string> {
  const dataDir = await openDataFolder(folder);
  return prepareLog(layoutOf(dataDir).logs, 'supervisor');
}

async function openDataFolder(folder: string): Promise<string> {
  await assertOurs(resolve(folder));
  const dataDir = await realpath(await privateFolder(resolve(folder)));
  await privateFolder(join(dataDir, 'run'));
  return dataDir;
}

// A mistyped folder must not be closed to others, nor deleted: ours has `run` in it, or nothing yet.
async function assertOurs(folder: string): Promise<void> {
  const names = existsSync(folder) ? await readdir(folder) : [];
  if (names.length === 0 || names.includes('run')) return;
  throw new PlatformError(
    `${folder} is not a data folder of Gatehouse: it holds other files.`,
    'Choose an empty folder, a new one, or one that Gatehouse created: --data DIR.',
  );
}

async function endEarlierRun(dataDir: string, onLine: (line: string) => void): Promise<void> {
  await endLeftovers(dataDir, onLine);
  await endPostgresIn(layoutOf(dataDir).postgres);
}

function handleOf(system: System, dataDir: string, release: () => void): Platform {
  let stopped: Promise<void> | undefined;
  return {
    dataDir,
    get parts() {
      return system.replicas.map(({ name, part, ports }) => {
        const runner = system.runners.get(name);
        const { state = 'stopped', pid } = runner ?? {};
        return { name, what: part.what, ports, state, pid };
      });
    },
    ports: Object.fromEntries(system.replicas.map(({ name, ports }) => [name, ports])),
    tracesUrl: system.tracesUrl,
    demoUsers: system.demoUsers,
    databaseUrls: system.databaseUrls,
    identity: (workload) => system.identity(workload),
    kill: (part, signal = 'SIGKILL') => {
      const runner = system.runners.get(part);
      if (runner === undefined) throw new Error(`part ${part} is not running`);
      runner.kill(signal);
    },
    stop: () => {
      stopped ??= system.stop().then(release);
      return stopped;
    },
  };
}
