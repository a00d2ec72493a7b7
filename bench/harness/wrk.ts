/** wrk, on the cores that the process under test does not have. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CORES } from './processes.ts';

const SCRIPT = fileURLToPath(new URL('load.lua', import.meta.url));
/** Each sends its next request when the response to the last one is there. */
export const CONNECTIONS = 64;

/** What is asked for. */
export interface Workload {
  readonly name: string;
  /** Path and query: `/1k`. */
  readonly target: string;
  /** Bytes of each body that is posted. Default: none, a GET. */
  readonly postBytes?: number;
  /** How many of the tokens are used. Default: all. */
  readonly tokens?: number;
}

/** One run of wrk. */
export interface Run {
  /** `http://127.0.0.1:8080`; over https, certificates are not checked. */
  readonly url: string;
  /** A file with one access token a line. */
  readonly tokensFile: string;
  readonly workload: Workload;
  readonly seconds: number;
  /** Paces the requests. Default: each connection sends the next one at once. */
  readonly perSecond?: number;
}

/** What wrk says of one run. */
export interface Load {
  readonly count: number;
  readonly failed: number;
  /** By the clock on the wall: less where others use the machine. */
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * Sends requests for some seconds.
 *
 * @throws Error when a request failed, or wrk is missing: on Debian, apt-get install wrk.
 */
export async function load({ url, tokensFile, workload, seconds, perSecond }: Run): Promise<Load> {
  const { target, postBytes = 0, tokens = 0 } = workload;
  const pauseMicros = perSecond === undefined ? 0 : (CONNECTIONS / perSecond) * 1e6;
  const connections = ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '--timeout', '10s'];
  const script = ['-s', SCRIPT, url, '--', tokensFile, `${tokens}`, target, `${postBytes}`];
  const args = ['-c', CORES.others, 'wrk', ...connections, ...script, `${Math.round(pauseMicros)}`];
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
