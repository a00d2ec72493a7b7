/** What the compared client is told of the world; handed to its process by the environment. */

export const GET_POST = '/gatehouse.board.v1.BoardService/GetPost';
/** Connections of wrk, and calls that the compared client has in flight. */
export const IN_FLIGHT = 64;

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
