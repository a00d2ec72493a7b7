/**
 * The small collector behind the trace view: takes spans over OTLP/HTTP (JSON) on the loopback, keeps
 * the last of them in memory, and gives them out as JSON.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
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
// A page that a browser was led to by another name for this address is not from here.
const LOCAL_HOST = /^(?:127\.0\.0\.1|localhost)(?::[0-9]{1,5})?$/i;
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
  const server = createServer((request, response) => {
    respond(store, request, response).catch(() => response.destroy());
  });
  await listen(server, options.port);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${HOST}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function respond(
  store: TraceStore,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!LOCAL_HOST.test(request.headers.host ?? '')) return send(response, 403, {});
  const path = request.url?.split('?')[0] ?? '';
  if (request.method === 'POST' && path === '/v1/traces') {
    return send(response, await receive(store, request), {});
  }
  if (request.method !== 'GET') return send(response, 405, {});
  if (path === '/traces') return send(response, 200, { traces: store.list() });
  const traceId = ONE_TRACE.exec(path)?.[1] ?? '';
  const spans = store.spansOf(traceId);
  return spans.length === 0 ? send(response, 404, {}) : send(response, 200, { traceId, spans });
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

function send(response: ServerResponse, status: number, body: object): void {
  if (response.destroyed) return;
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(JSON.stringify(body));
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
