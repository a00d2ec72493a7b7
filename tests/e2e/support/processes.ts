/** The processes of a platform, as its supervisor writes them down. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './until.ts';

/**
 * The process that runs a part now.
 *
 * @param part - `'auth'`, or `'gateway-2'` for a copy.
 * @throws Error when it does not run.
 */
export function pidOf(dataDir: string, part: string): number {
  const pid = processesOf(dataDir)[part]?.pid;
  if (pid === undefined) throw new Error(`${part} does not run`);
  return pid;
}

/** Names of the parts that run. */
export function partsOf(dataDir: string): readonly string[] {
  return Object.keys(processesOf(dataDir));
}

/** Kills a part with -9, as a crash would, and waits for its successor. Its readiness is not awaited. */
export async function crash(dataDir: string, part: string): Promise<void> {
  const pid = pidOf(dataDir, part);
  process.kill(pid, 'SIGKILL');
  await until(`${part} is started again`, () => pidOf(dataDir, part) !== pid, {
    timeoutMs: 30_000,
  });
}

/** The supervisor of a platform. */
export function supervisorPidOf(dataDir: string): number {
  const pid = stateOf(dataDir).supervisor?.pid;
  if (pid === undefined) throw new Error('no supervisor is written down');
  return pid;
}

/** Whether a process with this pid exists. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

interface Process {
  readonly pid: number;
}

function processesOf(dataDir: string): Readonly<Record<string, Process>> {
  return stateOf(dataDir).processes;
}

function stateOf(dataDir: string) {
  const text = readFileSync(join(dataDir, 'run', 'state.json'), 'utf8');
  return JSON.parse(text) as {
    readonly supervisor?: Process;
    readonly processes: Readonly<Record<string, Process>>;
  };
}
