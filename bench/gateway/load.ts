/** wrk, on the cores that the process under test does not have. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CORES } from '../harness/processes.ts';

const SCRIPT = fileURLToPath(new URL('load.lua', import.meta.url));
export const CONNECTIONS = 64;

/** What is asked for. */
export interface Workload {
  readonly name: string;
  readonly target: string;
  /** Bytes of each body that is posted; 0: GET. */
  readonly postBytes: number;
}

/** What wrk says of one run. */
export interface Load {
  readonly count: number;
  readonly failed: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * @param run.perSecond - paces the requests; without it each connection sends the next one at once.
 * @throws Error when a request failed, or wrk is missing: on Debian, apt-get install wrk.
 */
export async function load(run: {
  readonly port: number;
  readonly tokensFile: string;
  readonly workload: Workload;
  readonly seconds: number;
  readonly perSecond?: number;
}): Promise<Load> {
  const { port, tokensFile, workload, seconds, perSecond } = run;
  const pauseMicros = perSecond === undefined ? 0 : (CONNECTIONS / perSecond) * 1e6;
  const connections = ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '--timeout', '10s'];
  const script = ['-s', SCRIPT, `http://127.0.0.1:${port}`, '--', tokensFile];
  const rest = [workload.target, `${workload.postBytes}`, `${Math.round(pauseMicros)}`];
  const args = ['-c', CORES.others, 'wrk', ...connections, ...script, ...rest];
  const { stdout } = await promisify(execFile)('taskset', args).catch((cause: unknown) => {
    throw new Error('wrk did not run. On Debian: apt-get install wrk', { cause });
  });
  const said = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Omit<Load, 'perSecond'> & {
    readonly elapsedMs: number;
  };
  if (said.failed > 0) {
    throw new Error(`${workload.name}: ${said.failed} of ${said.count} requests failed`);
  }
  return { ...said, perSecond: (said.count / said.elapsedMs) * 1000 };
}
