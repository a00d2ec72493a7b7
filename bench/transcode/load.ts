/** wrk, on the cores that the process under test does not have. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CORES } from '../harness/processes.ts';
import { IN_FLIGHT } from './target.ts';
import type { World } from './world.ts';

const SCRIPT = fileURLToPath(new URL('load.lua', import.meta.url));

/** What wrk says of one run. */
export interface Load {
  readonly count: number;
  readonly failed: number;
  /** By the clock on the wall: less where others use the machine. */
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** @throws Error where wrk is missing: on Debian, apt-get install wrk. */
export async function load(world: World, seconds: number): Promise<Load> {
  const connections = [`-t1`, `-c${IN_FLIGHT}`, `-d${seconds}s`];
  const script = ['-s', SCRIPT, world.gatewayUrl, '--', world.tokensFile];
  const args = ['-c', CORES.others, 'wrk', ...connections, ...script];
  const { stdout } = await promisify(execFile)('taskset', args).catch((cause: unknown) => {
    throw new Error('wrk did not run. On Debian: apt-get install wrk', { cause });
  });
  const said = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Omit<Load, 'perSecond'> & {
    readonly elapsedMs: number;
  };
  return { ...said, perSecond: (said.count / said.elapsedMs) * 1000 };
}
