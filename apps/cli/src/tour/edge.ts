/** Requests at the edge, as any client makes them. */
import { PlatformError } from '@gatehouse/platform';

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

/**
 * @param url - of the gateway, without a slash at the end.
 * @returns what throws PlatformError where there is no answer.
 */
export function createEdge(url: string, signal: AbortSignal): Edge {
  return async (line, { token, body, headers = {} } = {}) => {
    const [method = '', path = ''] = line.split(' ');
    const startedMs = performance.now();
    const response = await ask(`${url}${path}`, {
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

/** A request that has an answer. @throws PlatformError where nobody answers. */
export async function ask(url: string, options: RequestInit): Promise<Response> {
  try {
    return await fetch(url, options);
  } catch (cause) {
    throw new PlatformError(
      `${new URL(url).origin} does not answer.`,
      'Was the platform stopped meanwhile? Start it again with npm start; its logs say more.',
      { cause },
    );
  }
}

/** A member of an answer that must be there. @throws PlatformError with the answer's own words. */
export function memberOf({ status, text }: Answer, name: string): string {
  const value: unknown = status < 300 && text !== '' ? JSON.parse(text)[name] : undefined;
  if (typeof value === 'string') return value;
  throw new PlatformError(
    `The platform answered ${status} where the tour needs ${name}:\n  ${text.slice(0, 300)}`,
    status === 429 ? 'Wait a minute, and take the tour again.' : 'The logs say more.',
  );
}
