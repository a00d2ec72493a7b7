import type { Server, Socket } from 'node:net';
import { limitKey, type TrustedProxies } from './client-address.ts';

/** How many connections there may be at a time. */
export interface ConnectionLimits {
  /** In all. */
  readonly total: number;
  /** From one IPv4 address or IPv6 /64. A trusted proxy, which speaks for many, is not counted. */
  readonly perAddress: number;
  readonly proxies: TrustedProxies;
}

/** Which limit a connection was refused or ended by; `system`: that of files of the process. */
export type ConnectionRefusal = 'total' | 'address' | 'pipeline' | 'system';

/**
 * Closes connections above the limits as they come, without an answer: whoever opens that many would
 * have each of them cost a request's work otherwise.
 */
export function limitConnections(
  server: Server,
  limits: ConnectionLimits,
  onRefused: (refusal: ConnectionRefusal) => void,
): void {
  const counts = new Map<string, number>();
  server.maxConnections = limits.total;
  server.on('drop', () => onRefused('total'));
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress;
    if (address === undefined || limits.proxies.isTrusted(address)) return;
    const key = limitKey(address);
    const count = (counts.get(key) ?? 0) + 1;
    if (count > limits.perAddress) {
      onRefused('address');
      socket.destroy();
      return;
    }
    counts.set(key, count);
    socket.once('close', () => {
      const left = (counts.get(key) ?? 1) - 1;
      if (left === 0) counts.delete(key);
      else counts.set(key, left);
    });
  });
}
