/** Asks the gateway that runs, at its admin port. Imports nothing of it: what it says is its own. */
import { PlatformError, type PlatformReport, reportOn } from '@gatehouse/platform';
import { wholeNumber } from '../usage.ts';

/** A method that can be reached at the edge, as `GET /routes` has it. */
export interface Route {
  readonly verb: string;
  readonly path: string;
  readonly method: string;
  readonly service: string;
  readonly upstream: readonly string[];
  /** Of a route to a service that is not ours; empty: any host. */
  readonly hosts?: readonly string[];
  readonly rule: Rule;
}

export interface Rule {
  readonly subject: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly callers: readonly string[];
  readonly carries: readonly string[];
  readonly authLevel: number;
  readonly fresh: boolean;
  readonly ignoreBearer: boolean;
}

/** What `POST /explain` answers. */
export interface Explanation {
  readonly route?: Route;
  readonly variables?: Readonly<Record<string, string>>;
  readonly subject?: { readonly kind: string; readonly id: string };
  readonly scopes?: readonly string[];
  readonly roles?: readonly string[];
  readonly decision: 'allow' | 'refuse';
  readonly reason: string;
  readonly status?: number;
  readonly why: string;
}

const TIMEOUT_MS = 5_000;

/** Flag of every command that asks a gateway. */
export const ADMIN_HELP = [
  '--admin PORT',
  'a gateway that runs alone, by its admin port (default: the platform’s)',
] as const;

/** @throws PlatformError when no platform runs on the folder. */
export async function runningOn(dataDir: string): Promise<PlatformReport> {
  const report = await reportOn(dataDir);
  if (report !== undefined) return report;
  throw new PlatformError(
    `No platform runs on ${dataDir}.`,
    'Start it with "gatehouse up --detach", or say where its data is: --data DIR. A gateway that runs alone is asked by its admin port: --admin 7400.',
  );
}

/** The port of a part's listener. @throws PlatformError when the platform has no such part. */
export function portOf({ parts }: PlatformReport, name: string, listener: string): number {
  const port = parts.find((part) => part.name === name)?.ports[listener];
  if (port !== undefined) return port;
  throw new PlatformError(`This platform has no ${name}.`, '"gatehouse status" lists its parts.');
}

/** The admin port of the gateway that a command is about. */
export async function gatewayPort(flags: {
  readonly data: string;
  /** Of a gateway that runs alone. */
  readonly admin: string | undefined;
}): Promise<number> {
  if (flags.admin === undefined) return portOf(await runningOn(flags.data), 'gateway', 'admin');
  return wholeNumber('admin', flags.admin, { min: 1, max: 65_535 });
}

/** @throws PlatformError when the gateway does not answer as it should. */
export async function askGateway(port: number, path: string, question?: object): Promise<unknown> {
  const url = `http://127.0.0.1:${port}${path}`;
  const post = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(question),
  };
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const answer = await fetch(url, { signal, ...(question === undefined ? {} : post) });
    if (!answer.ok) throw new Error(`it answered ${answer.status}`);
    return await answer.json();
  } catch (cause) {
    throw new PlatformError(
      `The gateway does not answer at ${url}: ${cause instanceof Error ? cause.message : cause}.`,
      '"gatehouse status" says how that of a platform is doing, "gatehouse logs gateway" what it says. One that runs alone prints its admin port as it starts.',
      { cause },
    );
  }
}

/** Who may call, in a few words: `signed in, scope board:write`. */
export function ruleInWords(rule: Rule): string {
  const { subject, scopes, roles, authLevel, fresh, ignoreBearer } = rule;
  const who: Readonly<Record<string, string>> = {
    ANYONE: 'anyone',
    SIGNED_IN: 'signed in',
    WORKLOAD: 'a workload',
    NONE: 'no passport',
  };
  return [
    who[subject] ?? subject,
    ...scopes.map((scope) => `scope ${scope}`),
    ...(roles.length === 0 ? [] : [`role ${roles.join(' or ')}`]),
    ...(authLevel === 0 ? [] : [`auth level ${authLevel}`]),
    ...(fresh ? ['only with fresh news'] : []),
    ...(ignoreBearer ? ['token not looked at'] : []),
  ].join(', ');
}
