/** The fast receiver: HTTP/1 on bare sockets, with a parser of our own. */
import { createServer, type Server, type Socket } from 'node:net';
import { settle } from '@gatehouse/chassis';
import { limitConnections } from './connection-limit.ts';
import { FastConnection } from './fast/connection.ts';
import type { ConnectionShared } from './fast/shared.ts';
import { listen } from './listen.ts';
import type { ReceiverOptions } from './node-http.ts';
import type { Receiver } from './seam.ts';

const MAX_CONNECTIONS = 10_000;
const TICK_MS = 1000;
const SETTLE_MS = 250;

/**
 * A receiver for HTTP/1.1 and 1.0 without TLS, as strict as the reference one and with its limits:
 * 16 KiB of headers, 10 s for a head, 60 s in which nothing moves, 30 s idle. Requests of one
 * connection are answered one after the other; 4 KiB of what was sent ahead are read. Times are looked at
 * once a second.
 */
export function createFastReceiver(options: Omit<ReceiverOptions, 'tls'>): Receiver {
  let draining = false;
  const { handle, wireFault, connections, settleMs = SETTLE_MS } = options;
  const shared: ConnectionShared = {
    handle,
    wireFault,
    isDraining: () => draining,
    nowMs: performance.now(),
    connections: new Set(),
    upgraded: new Set(),
  };
  const server = createServer({ noDelay: true });
  server.maxConnections = MAX_CONNECTIONS;
  if (connections !== undefined) {
    limitConnections(server, connections, options.onConnectionRefused ?? (() => undefined));
  }
  server.on('connection', (socket: Socket) => {
    if (!socket.destroyed) new FastConnection(socket, shared);
  });
  const timer = setInterval(() => {
    shared.nowMs = performance.now();
    for (const connection of shared.connections) connection.onTick(shared.nowMs);
  }, TICK_MS);
  timer.unref();
  return {
    start: () => listen(server, options),
    stop: async (graceMs) => {
      draining = true;
      await settle(Math.min(settleMs, graceMs));
      await stop(server, shared, Math.max(0, graceMs - settleMs));
      clearInterval(timer);
    },
  };
}

function stop(server: Server, shared: ConnectionShared, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => {
      for (const connection of shared.connections) connection.destroy();
      for (const socket of shared.upgraded) socket.destroy();
    }, graceMs);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    for (const connection of shared.connections) connection.retire();
  });
}
