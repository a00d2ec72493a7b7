/** Requests to the gateway, as any client sends them. */
import { PlatformError } from '@gatehouse/platform';
import { type RequestOptions, request } from '../http.ts';

export interface EdgeResponse {
  readonly status: number;
  readonly text: string;
  readonly tookMs: number;
  /** Id of the trace; `''` where the gateway gave none. */
  readonly traceId: string;
}

export interface EdgeRequest {
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends requests to one gateway. */
export type Edge = (line: string, request?: EdgeRequest) => Promise<EdgeResponse>;

/**
 * @param url - of the gateway, without a slash at the end.
 * @returns a function that throws PlatformError when the gateway is unreachable.
 */
export function createEdge(url: string, signal: AbortSignal): Edge {
  return async (line, { token, body, headers = {} } = {}) => {
    const [method = '', path = ''] = line.split(' ');
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const startedMs = performance.now();
    const response = await send(`${url}${path}`, {
      method,
      headers: { ...authorization, ...headers },
      body,
      signal,
    });
    return {
      status: response.status,
      text: await response.text(),
      tookMs: performance.now() - startedMs,
      traceId: response.headers.get('x-request-id') ?? '',
    };
  };
}

/** Sends a request. @throws PlatformError when there is no response. */
export async function send(url: string, options: RequestOptions): Promise<Response> {
  try {
    return await request(url, options);
  } catch (cause) {
    throw new PlatformError(
      `No response from ${new URL(url).origin}.`,
      'Was the platform stopped meanwhile? Start it again with npm start, and look at its logs.',
      { cause },
    );
  }
}

/** A member of a response that must be there. @throws PlatformError with the text of the response. */
export function memberOf({ status, text }: EdgeResponse, name: string): string {
  const value: unknown = status < 300 && text !== '' ? JSON.parse(text)[name] : undefined;
  if (typeof value === 'string') return value;
  throw new PlatformError(
    `The platform responded ${status} where the tour needs ${name}:\n  ${text.slice(0, 300)}`,
    status === 429 ? 'Wait a minute, and take the tour again.' : 'The logs have details.',
  );
}
