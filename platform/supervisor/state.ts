/**
 * What runs, written down so that the next start can end what a supervisor killed with -9 left
 * behind.
 */
import { join } from 'node:path';
import { readIfExists, writePrivate } from '../files.ts';
import { endProcess, type ProcessIdentity } from './processes.ts';

/** What a supervisor was asked to run. */
export interface RunRecord {
  readonly portOffset: number;
  readonly startedAtMs: number;
  /** When all of it was ready for the first time; undefined until then. */
  readonly upAtMs?: number;
  /** Part (`gateway-2`) → what it is for, and listener → port. In the order in which they are listed. */
  readonly parts: Readonly<Record<string, PartRecord>>;
}

export interface PartRecord {
  readonly what: string;
  readonly ports: Readonly<Record<string, number>>;
}

export interface State {
  readonly supervisor?: ProcessIdentity;
  readonly run?: RunRecord;
  /** Part → its process. */
  readonly processes: Readonly<Record<string, ProcessIdentity>>;
}

const EMPTY: State = { processes: {} };

/** How long a process of an earlier run may take to finish what it had in flight. */
const LEFTOVER_GRACE_MS = 5_000;

/** Reads `<data>/run/state.json`. A missing or damaged file counts as "nothing known to run". */
export async function readState(dataDir: string): Promise<State> {
  const text = await readIfExists(stateFile(dataDir));
  if (text === undefined) return EMPTY;
  try {
    const value: unknown = JSON.parse(text);
    return isState(value) ? value : EMPTY;
  } catch {
    return EMPTY;
  }
}

export async function writeState(dataDir: string, state: State): Promise<void> {
  await writePrivate(stateFile(dataDir), `${JSON.stringify(state, undefined, 2)}\n`);
}

/**
 * Ends the processes that an earlier run left, all at once. Only processes that are provably ours: same
 * pid, same start time since the same boot, same command line.
 *
 * Call it under the lock: whoever holds that knows that the recorded supervisor is gone.
 */
export async function endLeftovers(dataDir: string, onLine: (line: string) => void): Promise<void> {
  const { processes } = await readState(dataDir);
  await Promise.all(
    Object.entries(processes).map(async ([part, recorded]) => {
      // INT: services take it like TERM, and for Postgres it is the faster shutdown.
      const ended = await endProcess(recorded, { signal: 'SIGINT', graceMs: LEFTOVER_GRACE_MS });
      if (ended) onLine(`stopped ${part}, left over from an earlier run (pid ${recorded.pid})`);
    }),
  );
  await writeState(dataDir, EMPTY);
}

function stateFile(dataDir: string): string {
  return join(dataDir, 'run', 'state.json');
}

function isState(value: unknown): value is State {
  if (!isRecord(value) || !isRecord(value.processes)) return false;
  const { supervisor, run } = value;
  return (
    (supervisor === undefined || isIdentity(supervisor)) &&
    (run === undefined || isRun(run)) &&
    Object.values(value.processes).every(isIdentity)
  );
}

function isRun(value: unknown): value is RunRecord {
  return (
    isRecord(value) &&
    typeof value.portOffset === 'number' &&
    typeof value.startedAtMs === 'number' &&
    isRecord(value.parts) &&
    Object.values(value.parts).every((part) => isRecord(part) && isRecord(part.ports))
  );
}

function isIdentity(value: unknown): value is ProcessIdentity {
  return (
    isRecord(value) &&
    Number.isSafeInteger(value.pid) &&
    Number(value.pid) > 1 &&
    typeof value.startTime === 'string' &&
    typeof value.command === 'string'
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
