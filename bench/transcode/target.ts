/** What the compared client is told of the world; handed to its process by the environment. */

import { CONNECTIONS } from '../harness/wrk.ts';

export const GET_POST = '/gatehouse.board.v1.BoardService/GetPost';
/** Calls that the compared client has in flight: as many as wrk has connections. */
export const IN_FLIGHT = CONNECTIONS;

export interface Target {
  /** `127.0.0.1:port` */
  readonly upstream: string;
  /** The gateway's certificate files. */
  readonly tlsFolder: string;
  /** A passport of the usual size. */
  readonly passport: string;
}

const VARIABLE = 'BENCH_TRANSCODE_TARGET';

export function publishTarget(target: Target): void {
  process.env[VARIABLE] = JSON.stringify(target);
}

export function target(): Target {
  return JSON.parse(process.env[VARIABLE] ?? '{}') as Target;
}
