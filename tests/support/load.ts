/**
 * A small open-loop load: requests start at their times whether or not those before were answered,
 * as the requests of many people do. A closed loop would slow down with the server and hide it.
 */
import { Agent, request as send } from 'node:http';

export interface LoadRequest {
  /** What the result is told by: `'read posts'`. */
  readonly name: string;
  readonly verb: string;
  readonly path: string;
  readonly token?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
}

export interface LoadResult {
  readonly name: string;
  /** On the clock of `performance.now()`. */
  readonly startedMs: number;
  readonly tookMs: number;
  /** 0: there was no answer, and `code` says why. */
  readonly status: number;
  /** The code of a problem, or of the connection's error. */
  readonly code: string;
  readonly text: string;
}

export interface Load {
  /** Those that are finished. */
  readonly results: readonly LoadResult[];
  readonly inFlight: number;
  /** Starts no more, and waits for those in flight. */
  stop(): Promise<readonly LoadResult[]>;
}

const TICK_MS = 10;
const TIMEOUT_MS = 20_000;
const TEXT_LIMIT = 500;

/**
 * Starts a load.
 *
 * @param options.perSecond - requests started each second, evenly.
 * @param options.next - the request of an index, counted from 0.
 * @param options.mostInFlight - above this, requests are not started but count as failed
 *   (`LOAD_OVERRUN`), so that a server that answers nothing does not fill the memory. Default 5000.
 */
export function startLoad(options: {
  readonly baseUrl: string;
  readonly perSecond: number;
  readonly next: (index: number) => LoadRequest;
  readonly mostInFlight?: number;
}): Load {
  const { baseUrl, perSecond, next, mostInFlight = 5000 } = options;
  const agent = new Agent({ keepAlive: true });
  const results: LoadResult[] = [];
  const open = new Set<Promise<void>>();
  const begunMs = performance.now();
  let begun = 0;
  const begin = (request: LoadRequest): void => {
    if (open.size >= mostInFlight) {
      results.push(failureOf(request, performance.now(), 'LOAD_OVERRUN'));
      return;
    }
    const one = exchange(agent, baseUrl, request).then((result) => {
      results.push(result);
      open.delete(one);
    });
    open.add(one);
  };
  const timer = setInterval(() => {
    const due = ((performance.now() - begunMs) / 1000) * perSecond;
    for (; begun < due; begun += 1) begin(next(begun));
  }, TICK_MS);
  return {
    results,
    get inFlight() {
      return open.size;
    },
    stop: async () => {
      clearInterval(timer);
      await Promise.all(open);
      agent.destroy();
      return results;
    },
  };
}

/** How many results each outcome has: `{ 'read posts 200': 512 }`. */
export function tally(results: readonly LoadResult[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { name, status, code } of results) {
    const outcome = [name, status, code].filter((part) => part !== '').join(' ');
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

function exchange(agent: Agent, baseUrl: string, request: LoadRequest): Promise<LoadResult> {
  const { verb, path, token, body } = request;
  const startedMs = performance.now();
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    ...(text === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  return new Promise((resolve) => {
    const fail = (error: NodeJS.ErrnoException): void =>
      resolve(failureOf(request, startedMs, error.code ?? error.message));
    const sent = send(new URL(path, baseUrl), { agent, method: verb, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', fail);
      answer.on('end', () => {
        const said = Buffer.concat(chunks).toString();
        resolve({
          name: request.name,
          startedMs,
          tookMs: performance.now() - startedMs,
          status: answer.statusCode ?? 0,
          code: codeOf(answer.headers['content-type'], said),
          text: said.slice(0, TEXT_LIMIT),
        });
      });
    });
    sent.setTimeout(TIMEOUT_MS, () => sent.destroy(new Error('LOAD_TIMEOUT')));
    sent.on('error', fail);
    sent.end(text);
  });
}

function codeOf(type: string | undefined, text: string): string {
  if (type?.startsWith('application/problem+json') !== true) return '';
  return (JSON.parse(text) as { readonly code: string }).code;
}

function failureOf({ name }: LoadRequest, startedMs: number, code: string): LoadResult {
  return { name, startedMs, tookMs: performance.now() - startedMs, status: 0, code, text: '' };
}
