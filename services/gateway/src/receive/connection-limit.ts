import type { Server, Socket } from 'node:net';
import { createConcurrencyLimit, limitedAddress } from '@gatehouse/limits';
import type { TrustedProxies } from './client-address.ts';

/** How many connections there may be at a time. */
export interface ConnectionLimits {
  /** In all. */
  readonly total: number;
  /** From one IPv4 address or IPv6 /64. A trusted proxy, which speaks for many, is not counted. */
  readonly perAddress: number;
  readonly proxies: TrustedProxies;
}

/** Which limit a connection was refused or ended by; `system`: that of files of the process. */
export type ConnectionRefusal = 'total' | 'address' | 'system';

/**
 * Closes connections above the limits as they come, without a response: whoever opens that many would
 * have each of them cost a request's work otherwise.
 */
export function limitConnections(
  server: Server,
  limits: ConnectionLimits,
  onRefused: (refusal: ConnectionRefusal) => void,
): void {
  const perAddress = createConcurrencyLimit(limits.perAddress);
  server.maxConnections = limits.total;
  server.on('drop', () => onRefused('total'));
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress;
    if (address === undefined || limits.proxies.isTrusted(address)) return;
    const key = limitedAddress(address);
    if (!perAddress.enter(key)) {
      onRefused('address');
      socket.destroy();
      return;
    }
    socket.once('close', () => perAddress.leave(key));
  });
}
