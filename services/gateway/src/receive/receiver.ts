/** How the edge listens: HTTP/1 by a parser of our own, plain and over TLS; HTTP/2, by ALPN, is node's. */
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
// Not the whole chassis: a standalone gateway has no use for gRPC and databases.
import { settle } from '@gatehouse/chassis/standalone';
import { edgeErrors } from '../errors.ts';
import {
  type ConnectionLimits,
  type ConnectionRefusal,
  limitConnections,
} from './connection-limit.ts';
import type { EdgeTls } from './edge-tls.ts';
import { Http1Connection } from './http1/connection.ts';
import type { ConnectionShared } from './http1/shared.ts';
import { createHttp2Sessions } from './http2/sessions.ts';
import { listen } from './listen.ts';
import type { Handler, Receiver, WireFaultHandler } from './seam.ts';

/** How a receiver listens, and whom it asks. */
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
   * How long a drain still takes requests before it stops listening, each responded to with
   * `connection: close`: what a client had sent by then may not have been read yet. Default 250 ms.
   */
  readonly settleMs?: number;
}

const MAX_CONNECTIONS = 10_000;
const HANDSHAKE_TIMEOUT_MS = 10_000;
const TICK_MS = 1000;
const SETTLE_MS = 250;

/**
 * Makes a receiver for HTTP/1.1 and 1.0, and over TLS for HTTP/2 too.
 *
 * Limits: 10 s for a TLS handshake, 16 KiB of headers, 10 s for a head, 30 s for a body that is read
 * whole, 60 s in which nothing moves, 30 s idle between requests. Requests of one connection are served
 * one after the other; 4 KiB of what was sent ahead are read. Times are looked at once a second. Those of
 * HTTP/2 are in `http2/sessions.ts`.
 */
export function createReceiver(options: ReceiverOptions): Receiver {
  const { onConnectionRefused = () => undefined, settleMs = SETTLE_MS, tls } = options;
  let draining = false;
  let stopping = false;
  const shared: ConnectionShared = {
    handle: options.handle,
    wireFault: options.wireFault,
    isDraining: () => draining,
    nowMs: performance.now(),
    connections: new Set(),
  };
  const sessions = createHttp2Sessions(options);
  const accept = (socket: Socket | TLSSocket): void => {
    // A handshake may end after the drain has.
    if (stopping) socket.destroy();
    else if (socket.destroyed) return;
    else if ('alpnProtocol' in socket && socket.alpnProtocol === 'h2') sessions.accept(socket);
    else new Http1Connection(socket, shared);
  };
  const server = tls === undefined ? createServer({ noDelay: true }) : tlsServer(tls);
  const open = openSockets(server);
  server.maxConnections = MAX_CONNECTIONS;
  if (options.connections !== undefined) {
    limitConnections(server, options.connections, onConnectionRefused);
  }
  server.on(tls === undefined ? 'connection' : 'secureConnection', accept);
  server.on('tlsClientError', (cause: NodeJS.ErrnoException, socket: TLSSocket) => {
    // Told of like other bytes that are no request. Also after a time-out, node leaves it open.
    if (cause.code !== 'ECONNRESET') {
      options.wireFault(edgeErrors.FRAMING({ cause }), socket.remoteAddress ?? '');
    }
    socket.destroy();
  });
  const timer = setInterval(() => {
    shared.nowMs = performance.now();
    for (const connection of shared.connections) connection.onTick(shared.nowMs);
  }, TICK_MS).unref();
  return {
    start: () => listen(server, options),
    stop: async (graceMs) => {
      draining = true;
      sessions.drain();
      await settle(Math.min(settleMs, graceMs));
      stopping = true;
      const stopped = closed(server, open, Math.max(0, graceMs - settleMs));
      for (const connection of shared.connections) connection.retire();
      await stopped;
      clearInterval(timer);
    },
  };
}

function tlsServer(tls: EdgeTls): Server {
  const server = createTlsServer({
    ...tls.secureContextOptions(),
    noDelay: true,
    ALPNProtocols: ['h2', 'http/1.1'],
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  });
  // A handshake that is under way goes on with the certificate that it began with.
  tls.onChange(() => server.setSecureContext(tls.secureContextOptions()));
  return server;
}

/** Bare ones, whatever became of them: in a handshake, in a session, given to a WebSocket. */
function openSockets(server: Server): ReadonlySet<Socket> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return open;
}

function closed(server: Server, open: ReadonlySet<Socket>, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => {
      for (const socket of open) socket.destroy();
    }, graceMs);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
  });
}
