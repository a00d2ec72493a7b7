/** Processes under test, each on the cores it is given, and what they cost. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import type { RunningSubject, Sample } from './types.ts';

/** Which core the process under test has for itself, and which the load and the upstream share. */
export const CORES = {
  subject: availableParallelism() - 1,
  others: availableParallelism() > 1 ? `0-${availableParallelism() - 2}` : '0',
};

/** Linux counts CPU time in hundredths of a second there (`getconf CLK_TCK`). */
const TICKS_PER_SECOND = 100;
const STOP_MS = 5_000;

/** A server, a load generator, an upstream. */
export interface PinnedProcess {
  readonly child: ChildProcess;
  /** CPU time since its start, with its threads and without its children. To 10 ms: measure seconds. */
  cpuSeconds(): number;
  /** Ends it, in five seconds at most. */
  stop(): Promise<void>;
}

/** @param core - one (`1`), or a list (`0-2`). */
export function startPinned(
  core: number | string,
  command: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
): PinnedProcess {
  const child = spawn('taskset', ['-c', String(core), ...command], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...options,
  });
  return { child, cpuSeconds: () => cpuSecondsOf(child.pid), stop: () => stop(child) };
}

/** CPU time of a process so far, user and system, all threads. Linux only. */
export function cpuSecondsOf(pid: number | undefined): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name, in brackets, may hold anything: count from its end (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** What a process says first: its port, or how it went. @throws Error when it ends without a word. */
export async function firstLine({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('a process of the bench has no output');
  for await (const line of createInterface({ input: stdout })) return line;
  throw new Error('a process of the bench ended without a word');
}

/**
 * A piece of work in a process of its own, so that no subject's use of the JIT touches another's.
 *
 * @param module - exports `works: Record<string, () => Promise<Work>>` (see work-process.ts).
 */
export async function startWork(
  core: number,
  work: { readonly module: URL; readonly name: string },
): Promise<RunningSubject> {
  const child = fork(new URL('work-process.ts', import.meta.url), [work.module.href, work.name], {
    execPath: 'taskset',
    execArgv: ['-c', String(core), process.execPath],
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${work.name} ended with ${code}`);
  });
  ended.catch(() => undefined);
  const next = async () => (await Promise.race([once(child, 'message'), ended]))[0];
  await next();
  return {
    round: async () => {
      child.send('round');
      return (await next()) as Sample;
    },
    close: () => stop(child),
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await exit;
  clearTimeout(timer);
}
