/** Ports of this machine: free ones, and those that somebody listens at. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const PAUSE_MS = 100;
const ATTEMPTS = 300;

/** A port of 127.0.0.1 that nobody uses now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * Waits until somebody listens at a port of 127.0.0.1.
 *
 * @param name - of whom, for the error.
 * @throws Error after 30 seconds.
 */
export async function listens(port: number, name: string): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    await delay(PAUSE_MS);
  }
  throw new Error(`${name} does not listen`);
}

/** Waits until a URL gives a 2xx. @throws Error after 30 seconds. */
export async function isReady(url: string, name: string): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return;
    await delay(PAUSE_MS);
  }
  throw new Error(`${name} is not ready within 30 s`);
}
