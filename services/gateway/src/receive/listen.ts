/** How every receiver begins to listen. */
import type { AddressInfo, Server } from 'node:net';
import type { ConnectionRefusal } from './connection-limit.ts';

/** Where to listen, and who is told of a connection that could not be taken. */
export interface ListenOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly onConnectionRefused?: (refusal: ConnectionRefusal) => void;
}

/**
 * Connections that may wait to be taken, as far as the system allows (`somaxconn`). Above that they are
 * dropped, and whoever opens one tries again after a second: with node's 511, a crowd that comes at once
 * makes everybody else wait.
 */
const BACKLOG = 4096;

/**
 * Begins to listen. From then on a connection that the system could not give us (no file is left for
 * it) is counted as refused, and the next one is tried again: it does not end the process.
 *
 * @returns the port.
 * @throws Error when the port is taken (`EADDRINUSE`).
 */
export function listen(server: Server, options: ListenOptions): Promise<number> {
  const { port, host, onConnectionRefused = () => undefined } = options;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog: BACKLOG }, () => {
      server.off('error', reject);
      server.on('error', () => onConnectionRefused('system'));
      resolve((server.address() as AddressInfo).port);
    });
  });
}
