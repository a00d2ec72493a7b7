/** What the work processes are told of the world; handed to them by the environment. */

export interface Target {
  /** `localhost:port`, over mutual TLS. */
  readonly secure: string;
  /** `127.0.0.1:port`, in the clear. */
  readonly plain: string;
  /** Files of the gateway, which the board's rules let call. */
  readonly tlsFolder: string;
  readonly serverSpiffeId: string;
  /** A passport of the usual size. */
  readonly passport: string;
}

const VARIABLE = 'BENCH_TRUST_TARGET';

export function publishTarget(target: Target): void {
  process.env[VARIABLE] = JSON.stringify(target);
}

export function target(): Target {
  return JSON.parse(process.env[VARIABLE] ?? '{}') as Target;
}
