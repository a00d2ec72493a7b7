/** HTTP requests of the command line, each with a time limit. */

const TIMEOUT_MS = 10_000;

export interface RequestOptions {
  /** Default POST with a body, GET without. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Ends the request early. */
  readonly signal?: AbortSignal;
}

/** Sends a request and waits at most 10 s. @throws what `fetch` throws. */
export function request(url: string, options: RequestOptions = {}): Promise<Response> {
  const { body, method = body === undefined ? 'GET' : 'POST', headers = {}, signal } = options;
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  return fetch(url, {
    method,
    headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** The JSON of a response. @throws Error naming the status when it is not 2xx. */
export async function requestJson<Json>(url: string, options?: RequestOptions): Promise<Json> {
  const response = await request(url, options);
  if (!response.ok) throw new Error(`HTTP status ${response.status}`);
  return (await response.json()) as Json;
}
