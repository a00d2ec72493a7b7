/**
 * Which process a pid is. A pid alone proves nothing: the kernel gives it to another process later.
 * Pid, start time and command line together do.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { systemTiming, type Timing } from '../timing.ts';

export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque; equal only for the same process since the same boot. */
  readonly startTime: string;
  readonly command: string;
}

/** Who has this pid now; `undefined` when nobody has, or only a process that has already ended. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

/** True when the process that was recorded is still the one that has the pid. */
export function isAlive(recorded: ProcessIdentity): boolean {
  const now = identityOf(recorded.pid);
  return now?.startTime === recorded.startTime && now.command === recorded.command;
}

/**
 * Ends exactly the recorded process: a polite signal, then SIGKILL when it is still there after
 * `graceMs`. Does nothing to another process that has the pid by now.
 *
 * @returns whether there was something to end.
 */
export async function endProcess(
  recorded: ProcessIdentity,
  options: { readonly signal?: NodeJS.Signals; readonly graceMs: number; readonly timing?: Timing },
): Promise<boolean> {
  if (!isAlive(recorded)) return false;
  const timing = options.timing ?? systemTiming;
  const killAtMs = timing.nowMs() + options.graceMs;
  signalProcess(recorded.pid, options.signal ?? 'SIGTERM');
  let killed = false;
  while (isAlive(recorded)) {
    if (!killed && timing.nowMs() >= killAtMs) {
      signalProcess(recorded.pid, 'SIGKILL');
      killed = true;
    }
    await timing.sleep(20);
  }
  return true;
}

/** Processes whose working directory is `folder`. Linux only; elsewhere none are found. */
export function processesIn(folder: string): readonly ProcessIdentity[] {
  if (process.platform !== 'linux') return [];
  return pids().flatMap((pid) => {
    const identity = linkOf(`/proc/${pid}/cwd`) === folder ? identityOf(pid) : undefined;
    return identity === undefined ? [] : [identity];
  });
}

/** Every pid that /proc shows. */
export function pids(): readonly number[] {
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

/** Where a link in /proc points; `undefined` when it is gone or not ours to read. */
export function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** Sends a signal; a process that has gone meanwhile is no error. */
function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ESRCH')) throw thrown;
  }
}

function fromProc(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the name in brackets and may itself hold spaces and brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, ticks] = [fields[0], fields[19]];
    if (state === 'Z' || state === 'X' || ticks === undefined) return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return { pid, startTime: `${bootId()}:${ticks}`, command };
  } catch {
    return undefined;
  }
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

function fromPs(pid: number): ProcessIdentity | undefined {
  const { stdout } = spawnSync('ps', ['-o', 'lstart=,command=', '-p', String(pid)], {
    encoding: 'utf8',
  });
  const line = stdout?.trim() ?? '';
  // `lstart` is 24 characters: Fri Nov 20 16:52:43 2026
  return line === '' ? undefined : { pid, startTime: line.slice(0, 24), command: line.slice(25) };
}
