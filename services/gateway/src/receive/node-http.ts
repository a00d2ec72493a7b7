/** The reference receiver: `node:http`, with every leniency off. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { settle } from '@gatehouse/chassis';
import {
  type ConnectionLimits,
  type ConnectionRefusal,
  limitConnections,
} from './connection-limit.ts';
import { createPipelineLimit } from './pipeline-limit.ts';
import { linger, readBounded } from './request-body.ts';
import type { Answer, Handler, Incoming, Receiver, WireFaultHandler } from './seam.ts';
import { answerWireFault, endWith } from './wire-fault.ts';

/** How the receiver listens, and whom it asks. */
export interface ReceiverOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly handle: Handler;
  readonly wireFault: WireFaultHandler;
  /** Default: 10 000 in all, and no other limit. */
  readonly connections?: ConnectionLimits;
  readonly onConnectionRefused?: (refusal: ConnectionRefusal) => void;
  /**
   * How long a drain still takes requests before it stops listening, each answered with
   * `connection: close`: what a client had sent by then may not have been read yet. Default 250 ms.
   */
  readonly settleMs?: number;
}

const LIMITS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 1000,
} as const;
/** Of an exchange in which nothing moves: a client that does not read its answer. */
const STALL_TIMEOUT_MS = 60_000;
const MAX_CONNECTIONS = 10_000;
const SETTLE_MS = 250;
/** Requests of one connection whose answers are not out yet. */
const MAX_PIPELINED = 100;

/**
 * A receiver for HTTP/1.1 and 1.0.
 *
 * Limits: 16 KiB of headers, 10 s for a head, 30 s for a whole request, 60 s in which nothing moves,
 * 30 s idle between requests, 100 requests of one connection at a time (more close it). What node's
 * strict parser refuses is answered by `wireFault` and closed.
 */
export function createNodeHttpReceiver(options: ReceiverOptions): Receiver {
  let draining = false;
  const server = createStrictServer();
  const { connections, onConnectionRefused = () => undefined, settleMs = SETTLE_MS } = options;
  if (connections !== undefined) limitConnections(server, connections, onConnectionRefused);
  const mayWork = createPipelineLimit(MAX_PIPELINED);
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    // What the parser had read already still arrives after the connection was closed.
    if (request.socket.destroyed) return;
    if (!mayWork(request, response)) {
      onConnectionRefused('pipeline');
      request.socket.destroy();
      return;
    }
    void exchange({ request, response, handle: options.handle, isDraining: () => draining });
  };
  server.on('request', onRequest);
  // Without these two, node would answer expectations itself, before the head was judged.
  server.on('checkContinue', onRequest);
  server.on('checkExpectation', onRequest);
  server.on('clientError', (error, socket) => answerWireFault(error, socket, options.wireFault));
  server.on('connect', (request, socket) => {
    void options.handle(incomingOf(request)).then((answer) => endWith(socket, answer));
  });
  return {
    start: () => listen(server, options),
    stop: async (graceMs) => {
      draining = true;
      await settle(Math.min(settleMs, graceMs));
      await stop(server, Math.max(0, graceMs - settleMs));
    },
  };
}

function createStrictServer(): Server {
  const server = createServer({
    ...LIMITS,
    insecureHTTPParser: false,
    joinDuplicateHeaders: false,
    // Host is judged with the other headers, so that its refusal is a problem like any other.
    requireHostHeader: false,
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.timeout = STALL_TIMEOUT_MS;
  // Any other number makes node drop headers silently; readHeaders counts them.
  server.maxHeadersCount = 0;
  return server;
}

async function exchange(parts: {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly handle: Handler;
  readonly isDraining: () => boolean;
}): Promise<void> {
  const { request, response } = parts;
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  const answer = await parts.handle(incomingOf(request, response, gone.signal));
  if (response.destroyed) return;
  const unread = !request.complete;
  if (unread || parts.isDraining()) response.setHeader('connection', 'close');
  await send({ request, response, answer, unread });
}

async function send(parts: {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly answer: Answer;
  readonly unread: boolean;
}): Promise<void> {
  const { request, response, answer } = parts;
  const body = answer.body ?? new Uint8Array();
  if (answer.status !== 204) response.setHeader('content-length', body.length);
  response.writeHead(answer.status, answer.headers);
  // A client that waits for 100-continue has sent nothing that could be swallowed.
  if (!parts.unread || request.headers.expect !== undefined) {
    response.end(body);
    return;
  }
  response.write(body);
  response.flushHeaders();
  await linger(request);
  response.end();
}

function incomingOf(
  request: IncomingMessage,
  response?: ServerResponse,
  signal: AbortSignal = new AbortController().signal,
): Incoming {
  return {
    method: request.method ?? '',
    target: request.url ?? '',
    httpVersion: request.httpVersion,
    rawHeaders: request.rawHeaders,
    peerAddress: request.socket.remoteAddress ?? '',
    signal,
    readBody: (limitBytes) =>
      readBounded(request, limitBytes, () => {
        if (request.headers.expect !== undefined && !request.complete) response?.writeContinue();
      }),
  };
}

function listen(server: Server, options: ReceiverOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function stop(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
  });
}
