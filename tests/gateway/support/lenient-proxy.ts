/**
 * A proxy as they should not be: it reads with every leniency that the attacks of the catalogue need, checks
 * the path as sent, and hands the client's own bytes on. It is the oracle of the checks: an attack that
 * does not get through here was not tried, and a judge that finds no fault here looks at nothing.
 */
import { connect, createServer, type Socket } from 'node:net';
import { GUARDED } from './judge.ts';

/** A running one. */
export interface LenientProxy {
  readonly port: number;
  close(): Promise<void>;
}

/** @param upstreamPort - of the loopback. */
export async function startLenientProxy(upstreamPort: number): Promise<LenientProxy> {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(upstreamPort, '127.0.0.1');
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => open.delete(socket));
    }
    upstream.on('data', (chunk) => client.write(chunk));
    upstream.on('close', () => client.end());
    let waiting = Buffer.alloc(0);
    client.on('data', (chunk) => {
      waiting = Buffer.concat([waiting, chunk]);
      for (let size = sizeOfNext(waiting); size !== undefined; size = sizeOfNext(waiting)) {
        const message = waiting.subarray(0, size);
        waiting = waiting.subarray(size);
        if (isRefused(message)) client.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
        else upstream.write(message);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** Only the path as sent, from its beginning. */
function isRefused(message: Buffer): boolean {
  return message.toString('latin1').split(' ')[1]?.startsWith(`/${GUARDED}`) === true;
}

/** The first length that is found counts, any coding with `chunked` in it does, any line end too. */
function sizeOfNext(bytes: Buffer): number | undefined {
  const text = bytes.toString('latin1');
  const end = /\r?\n\r?\n/.exec(text);
  if (end === null) return undefined;
  const head = text.slice(0, end.index);
  const start = end.index + end[0].length;
  const length = /^content.length\s*:[ \t]*\+?(\d*)/im.exec(head)?.[1];
  if (length !== undefined)
    return start + Number(length) <= bytes.length ? start + Number(length) : undefined;
  if (!/^transfer.encoding\s*:.*chunked/im.test(head)) return start;
  const last = /(?:^|\n)0[^\n]*\n\r?\n/.exec(text.slice(start));
  return last === null ? undefined : start + last.index + last[0].length;
}
