/** A client from outside: plain HTTP and JSON, as anyone would call. */
import { target } from './config.ts';

/** One of the two gateways that global setup started, or that of another platform. */
export type Gateway = 0 | 1 | URL;

export interface EdgeRequest {
  /** Access token, for `Authorization: Bearer`. */
  readonly token?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default 0. */
  readonly gateway?: Gateway;
}

/** What came back. `Body` is taken at its word: the tests assert what they need of it. */
export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Body;
}

/** Both gateways, for what must hold at each. */
export const GATEWAYS = [0, 1] as const;

/**
 * Sends one request to a gateway and reads the whole answer.
 *
 * @param line - verb and path: `'POST /board/v1/posts'`.
 */
export async function call<Body>(
  line: `${string} /${string}`,
  { token, body, headers = {}, gateway = 0 }: EdgeRequest = {},
): Promise<Answer<Body>> {
  const [method = '', path = ''] = line.split(' ');
  const base = gateway instanceof URL ? gateway : target().edges[gateway];
  const response = await fetch(new URL(path, base), {
    method,
    redirect: 'manual',
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(20_000),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: (isJson(response) && text !== '' ? JSON.parse(text) : undefined) as Body,
  };
}

function isJson(response: Response): boolean {
  return /^application\/(problem\+)?json\b/.test(response.headers.get('content-type') ?? '');
}
