/** The reference receiver: `node:http` and `node:http2`, with every leniency off. */
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
// Not the whole chassis: a gateway alone has no use for gRPC and databases.
import { settle } from '@gatehouse/chassis/standalone';
import {
  type ConnectionLimits,
  type ConnectionRefusal,
  limitConnections,
} from './connection-limit.ts';
import type { EdgeTls } from './edge-tls.ts';
import { serveHttp1 } from './http1-server.ts';
import { createHttp2Sessions, type Http2Sessions } from './http2-sessions.ts';
import { listen } from './listen.ts';
import type { Handler, Receiver, WireFaultHandler } from './seam.ts';

/** How the receiver listens, and whom it asks. */
export interface ReceiverOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly handle: Handler;
  readonly wireFault: WireFaultHandler;
  /** Default: plain HTTP/1. With it: TLS alone, with HTTP/2 for who asks for it (ALPN). */
  readonly tls?: EdgeTls;
  /** Default: 10 000 in all, and no other limit. */
  readonly connections?: ConnectionLimits;
  readonly onConnectionRefused?: (refusal: ConnectionRefusal) => void;
  /**
   * How long a drain still takes requests before it stops listening, each answered with
   * `connection: close`: what a client had sent by then may not have been read yet. Default 250 ms.
   */
  readonly settleMs?: number;
}

// Not joined, not repaired: what decides on a request sees it as it was sent.
const STRICT = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  // Bodies that are read whole have a time of their own; those that are passed on may take longer.
  requestTimeout: 0,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 1000,
  insecureHTTPParser: false,
  joinDuplicateHeaders: false,
  // Host is judged with the other headers, so that its refusal is a problem like any other.
  requireHostHeader: false,
} as const;
/** Of an exchange in which nothing moves: a client that does not read its answer. */
const STALL_TIMEOUT_MS = 60_000;
const HANDSHAKE_TIMEOUT_MS = 10_000;
const MAX_CONNECTIONS = 10_000;
const SETTLE_MS = 250;

/**
 * A receiver for HTTP/1.1 and 1.0, and over TLS for HTTP/2 too.
 *
 * Limits: 16 KiB of headers, 10 s for a handshake and for a head, 30 s for a whole request where its
 * body is read whole, 60 s in which nothing moves, 30 s idle between requests, 100 requests of one
 * connection at a time (of HTTP/1, more close it). What node's strict parser refuses is answered by
 * `wireFault` and closed. Those of HTTP/2 are in `http2-sessions.ts`.
 */
export function createNodeHttpReceiver(options: ReceiverOptions): Receiver {
  let draining = false;
  const upgraded = new Set<Socket>();
  const { onConnectionRefused = () => undefined, settleMs = SETTLE_MS, tls } = options;
  const state = {
    isDraining: () => draining,
    onUpgraded: (socket: Socket) => {
      upgraded.add(socket);
      socket.once('close', () => upgraded.delete(socket));
    },
  };
  const sessions = createHttp2Sessions(options);
  const server = tls === undefined ? createServer(STRICT) : tlsServer(tls, sessions);
  server.maxConnections = MAX_CONNECTIONS;
  server.timeout = STALL_TIMEOUT_MS;
  // Any other number makes node drop headers silently; readHeaders counts them.
  server.maxHeadersCount = 0;
  const { connections } = options;
  if (connections !== undefined) limitConnections(server, connections, onConnectionRefused);
  serveHttp1(server, { ...options, onConnectionRefused, state });
  return {
    start: () => listen(server, options),
    stop: async (graceMs) => {
      draining = true;
      sessions.drain();
      await settle(Math.min(settleMs, graceMs));
      await stop(server, Math.max(0, graceMs - settleMs), () => {
        server.closeAllConnections();
        sessions.destroy();
        for (const socket of upgraded) socket.destroy();
      });
    },
  };
}

function tlsServer(tls: EdgeTls, sessions: Http2Sessions): Server {
  const server = createTlsServer({
    ...STRICT,
    ...tls.secureContextOptions(),
    ALPNProtocols: ['h2', 'http/1.1'],
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  });
  // A handshake that is under way goes on with the certificate that it began with.
  tls.onChange(() => server.setSecureContext(tls.secureContextOptions()));
  const http1 = server.listeners('secureConnection');
  server.removeAllListeners('secureConnection');
  server.on('secureConnection', (socket: TLSSocket) => {
    if (socket.alpnProtocol === 'h2') sessions.accept(socket);
    else for (const listener of http1) listener.call(server, socket);
  });
  return server;
}

function stop(server: Server, graceMs: number, force: () => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(force, graceMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
