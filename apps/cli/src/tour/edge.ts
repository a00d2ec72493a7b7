/** Requests at the edge, as any client makes them. */

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly tookMs: number;
  /** Of the trace; `''` where the gateway gave none. */
  readonly traceId: string;
}

export interface Asked {
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends requests to one gateway. */
export type Edge = (line: string, asked?: Asked) => Promise<Answer>;

const TIMEOUT_MS = 15_000;

/** @param url - of the gateway, without a slash at the end. */
export function createEdge(url: string, signal: AbortSignal): Edge {
  return async (line, { token, body, headers = {} } = {}) => {
    const [method = '', path = ''] = line.split(' ');
    const startedMs = performance.now();
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    const text = await response.text();
    return {
      status: response.status,
      text,
      tookMs: performance.now() - startedMs,
      traceId: response.headers.get('x-request-id') ?? '',
    };
  };
}

/** A member of an answer that must be there. @throws Error with the answer's own words. */
export function memberOf({ status, text }: Answer, name: string): string {
  const value: unknown = status < 300 && text !== '' ? JSON.parse(text)[name] : undefined;
  if (typeof value === 'string') return value;
  throw new Error(`The platform answered ${status} without ${name}: ${text.slice(0, 300)}`);
}
