/** Reads routes and decisions from the admin port of a running gateway; imports nothing of it. */
import { PlatformError, type PlatformReport, reportOn } from '@gatehouse/platform';
import type { DataFlags } from '../commands/flags.ts';
import { requestJson } from '../http.ts';

/** A route of the gateway, as `GET /routes` has it. */
export interface Route {
  readonly verb: string;
  readonly path: string;
  readonly method: string;
  readonly service: string;
  readonly upstream: readonly string[];
  /** Of a route to an external service; empty: any host. */
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

/** The response of `POST /explain`. */
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

/** @throws PlatformError when no platform runs on the folder. */
export async function runningOn(dataDir: string): Promise<PlatformReport> {
  const report = await reportOn(dataDir);
  if (report !== undefined) return report;
  throw new PlatformError(
    `No platform runs on ${dataDir}.`,
    'Start it with "gatehouse up --detach", or name its data folder: --data DIR. For a standalone gateway give its admin port: --admin 7400.',
  );
}

/** The port of a part's listener. @throws PlatformError when the platform has no such part. */
export function portOf({ parts }: PlatformReport, name: string, listener: string): number {
  const port = parts.find((part) => part.name === name)?.ports[listener];
  if (port !== undefined) return port;
  throw new PlatformError(`This platform has no ${name}.`, '"gatehouse status" lists its parts.');
}

export interface GatewayFlags extends DataFlags {
  /** Admin port of a standalone gateway. */
  readonly admin?: number;
}

/** Sends a request to the admin port of a gateway. @throws PlatformError when it fails. */
export async function askGateway<Json>(
  { data, admin }: GatewayFlags,
  path: string,
  body?: object,
): Promise<Json> {
  const port = admin ?? portOf(await runningOn(data), 'gateway', 'admin');
  const url = `http://127.0.0.1:${port}${path}`;
  try {
    return await requestJson<Json>(url, { body });
  } catch (cause) {
    throw new PlatformError(
      `No response from the gateway at ${url}: ${cause instanceof Error ? cause.message : cause}.`,
      '"gatehouse status" shows the state of a platform, "gatehouse logs gateway" its logs. A standalone gateway prints its admin port when it starts.',
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
    ...(fresh ? ['only with a fresh revocation feed'] : []),
    ...(ignoreBearer ? ['bearer token ignored'] : []),
  ].join(', ');
}
