/**
 * The small collector behind the trace view: takes spans over OTLP/HTTP (JSON) on the loopback, keeps
 * the last of them in memory, and gives them out as JSON.
 */
import type { IncomingMessage } from 'node:http';
import { type LocalResponse, startLocalServer } from '@gatehouse/runtime';
import { readExport } from './otlp.ts';
import { createTraceStore, type TraceStore, type TraceStoreLimits } from './trace-store.ts';

/** Where the collector listens, and how much it keeps. */
export interface CollectorOptions extends TraceStoreLimits {
  /** 0: any free one. */
  readonly port: number;
}

export interface Collector {
  /** Base for exporters, `http://127.0.0.1:7480`; its list of traces is at `/traces`. */
  readonly url: string;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const MAX_BODY_BYTES = 4 * 1024 * 1024;
const JSON_TYPE = /^application\/json\b/i;
const ONE_TRACE = /^\/traces\/([0-9a-f]{32})$/;

/**
 * Starts the collector on the loopback, in plain HTTP, for every process and person of this machine.
 *
 * `POST /v1/traces` takes an export of at most 4 MiB. `GET /traces` responds with `{ traces }`, newest
 * first; `GET /traces/<id>` with `{ traceId, spans }`, in order of their start, or 404.
 *
 * @throws Error with code EADDRINUSE when the port is taken.
 */
export async function startCollector(options: CollectorOptions): Promise<Collector> {
  const store = createTraceStore(options);
  const server = await startLocalServer({
    host: HOST,
    port: options.port,
    respond: (request) => respond(store, request),
  });
  return { url: `http://${HOST}:${server.port}`, close: () => server.close() };
}

async function respond(store: TraceStore, request: IncomingMessage): Promise<LocalResponse> {
  const path = request.url?.split('?')[0] ?? '';
  if (request.method === 'POST' && path === '/v1/traces') {
    return { status: await receive(store, request), body: {} };
  }
  if (request.method !== 'GET') return { status: 405, body: {} };
  if (path === '/traces') return { status: 200, body: { traces: store.list() } };
  const traceId = ONE_TRACE.exec(path)?.[1] ?? '';
  const spans = store.spansOf(traceId);
  return spans.length === 0 ? { status: 404, body: {} } : { status: 200, body: { traceId, spans } };
}

/** @returns the status of the response. */
async function receive(store: TraceStore, request: IncomingMessage): Promise<number> {
  // No simple request of a web page has this type, so no page can put spans here.
  if (!JSON_TYPE.test(request.headers['content-type'] ?? '')) return 415;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Read on, or the sender would see its connection break instead of the response.
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (size > MAX_BODY_BYTES) return 413;
  const body = parsed(Buffer.concat(chunks).toString());
  if (body === undefined) return 400;
  store.add(readExport(body));
  return 200;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The status tells the exporter.
    return undefined;
  }
}
