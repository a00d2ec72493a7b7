/** A platform seen from outside its supervisor: what runs on a data folder, and how to end it. */
import { readFileSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { PlatformError } from '../errors.ts';
import { layoutOf } from '../layout.ts';
import { POSTGRES } from '../parts.ts';
import { endPostgresIn } from '../postgres/leftovers.ts';
import { systemTiming } from '../timing.ts';
import { takeLock } from './lock.ts';
import { isAlive, type ProcessIdentity } from './processes.ts';
import { isReadyAt } from './readiness.ts';
import { endLeftovers, readState, type State } from './state.ts';

/** The state of one replica of a part. */
export interface PartReport {
  readonly name: string;
  readonly what: string;
  /** `down`: it has no process, and the supervisor will restart it. */
  readonly state: 'ready' | 'starting' | 'down';
  readonly ports: Readonly<Record<string, number>>;
  /** Undefined when it has no process. */
  readonly pid?: number;
  /** Resident memory; undefined where it cannot be read. Linux only. */
  readonly rssBytes?: number;
}

/** What runs on a data folder. */
export interface PlatformReport {
  readonly dataDir: string;
  readonly supervisorPid: number;
  readonly portOffset: number;
  readonly startedAtMs: number;
  /** Everything was ready once. */
  readonly up: boolean;
  readonly parts: readonly PartReport[];
}

const POLL_MS = 50;
const CONNECT_TIMEOUT_MS = 1_000;
/** Each part may take ten seconds for what it has in flight, and they stop one after another. */
const STOP_TIMEOUT_MS = 90_000;

/** Looks at every part of the platform that runs on a folder; `undefined` when none does. */
export async function reportOn(folder: string): Promise<PlatformReport | undefined> {
  const dataDir = await realpath(folder).catch(() => undefined);
  if (dataDir === undefined) return undefined;
  const state = await readState(dataDir);
  const { supervisor, run } = state;
  if (supervisor === undefined || run === undefined || !isAlive(supervisor)) return undefined;
  const parts = await Promise.all(Object.keys(run.parts).map((name) => reportPart(name, state)));
  const { portOffset, startedAtMs } = run;
  const up = run.upAtMs !== undefined;
  return { dataDir, supervisorPid: supervisor.pid, portOffset, startedAtMs, up, parts };
}

/**
 * Stops the platform that runs on a folder, and what a supervisor that was killed has left there.
 *
 * @returns whether there was a platform to stop.
 * @throws PlatformError when it does not end within 90 s.
 */
export async function stopPlatform(
  folder: string,
  onLine: (line: string) => void,
): Promise<boolean> {
  const dataDir = await realpath(folder).catch(() => undefined);
  if (dataDir === undefined) return false;
  const { supervisor, processes } = await readState(dataDir);
  if (supervisor !== undefined && isAlive(supervisor)) {
    await stopSupervisor(supervisor);
    return true;
  }
  if (!Object.values(processes).some(isAlive)) return false;
  const lock = await takeLock(dataDir);
  try {
    await endLeftovers(dataDir, onLine);
    await endPostgresIn(layoutOf(dataDir).postgres);
  } finally {
    lock.release();
  }
  return true;
}

async function stopSupervisor(supervisor: ProcessIdentity): Promise<void> {
  const deadlineMs = systemTiming.nowMs() + STOP_TIMEOUT_MS;
  process.kill(supervisor.pid, 'SIGTERM');
  while (isAlive(supervisor)) {
    if (systemTiming.nowMs() >= deadlineMs) {
      throw new PlatformError(
        `The platform (pid ${supervisor.pid}) does not shut down.`,
        `"gatehouse status" shows what still runs. At worst: kill -9 ${supervisor.pid}, and the next start cleans up.`,
      );
    }
    await systemTiming.sleep(POLL_MS);
  }
}

async function reportPart(name: string, { run, processes }: State): Promise<PartReport> {
  const { what = '', ports = {} } = run?.parts[name] ?? {};
  const recorded = processes[name];
  if (recorded === undefined || !isAlive(recorded)) return { name, what, state: 'down', ports };
  const rssBytes = rssOf(recorded.pid);
  return {
    name,
    what,
    state: (await isReady(name, ports)) ? 'ready' : 'starting',
    ports,
    pid: recorded.pid,
    ...(rssBytes === undefined ? {} : { rssBytes }),
  };
}

function isReady(name: string, ports: Readonly<Record<string, number>>): Promise<boolean> {
  if (ports.admin !== undefined) return isReadyAt(ports.admin);
  const port = name === POSTGRES.name ? ports.sql : undefined;
  return port === undefined ? Promise.resolve(false) : acceptsConnections(port);
}

function acceptsConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port, timeout: CONNECT_TIMEOUT_MS });
    const end = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}

function rssOf(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1_024;
  } catch {
    return undefined; // ended meanwhile
  }
}
