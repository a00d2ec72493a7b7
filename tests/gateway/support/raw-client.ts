/** A client of sockets alone: what it is told to send is sent, and what comes is kept. */
import { connect, type Socket } from 'node:net';

/** One connection. */
export interface RawClient {
  readonly socket: Socket;
  /** All that came so far. */
  received(): Buffer;
  send(bytes: string | Uint8Array): void;
  /** Resolves when what came fulfils it. @throws Error when the connection or the time ends first. */
  until(what: (text: string) => boolean): Promise<string>;
  /** Resolves when the connection is closed by the other side, with all that came. */
  ended(): Promise<string>;
  close(): void;
}

const TIMEOUT_MS = 15_000;

/** @param localAddress - of the loopback network; limits count by it. Default 127.0.0.1. */
export async function rawClient(port: number, localAddress = '127.0.0.1'): Promise<RawClient> {
  const socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true });
  const chunks: Buffer[] = [];
  const watchers = new Set<() => void>();
  let closed = false;
  const wake = (): void => {
    for (const watcher of watchers) watcher();
  };
  socket.on('data', (chunk) => {
    chunks.push(chunk);
    wake();
  });
  // A reset after an answer is an end like another; who waits for more is told by `until`.
  socket.on('error', () => undefined);
  socket.on('end', () => socket.end());
  socket.on('close', () => {
    closed = true;
    wake();
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  const text = () => Buffer.concat(chunks).toString('latin1');
  const wait = (isDone: () => boolean, isLost: () => boolean): Promise<string> =>
    new Promise((resolve, reject) => {
      const settle = (): void => {
        if (!isDone() && !isLost()) return;
        watchers.delete(settle);
        clearTimeout(timer);
        if (isDone()) resolve(text());
        else reject(new Error(`the connection ended after ${JSON.stringify(text().slice(-300))}`));
      };
      const timer = setTimeout(() => {
        watchers.delete(settle);
        reject(new Error(`not in time; there was ${JSON.stringify(text().slice(-300))}`));
      }, TIMEOUT_MS);
      watchers.add(settle);
      settle();
    });
  return {
    socket,
    received: () => Buffer.concat(chunks),
    send: (bytes) => {
      if (socket.writable)
        socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    },
    until: (what) =>
      wait(
        () => what(text()),
        () => closed,
      ),
    ended: () =>
      wait(
        () => closed,
        () => false,
      ),
    close: () => socket.destroy(),
  };
}
