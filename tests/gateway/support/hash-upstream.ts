/**
 * A service, as a process of its own: it hashes what it is sent, and answers with a body that its client
 * asked for by number. `node hash-upstream.ts [port]`; says its port in one line.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeBody } from './bodies.ts';
import { exchangeOf } from './exchange.ts';

const server = createServer((request, response) => {
  request.on('error', () => undefined);
  response.on('error', () => undefined);
  void answer(request, response);
});
// What it says of itself in Keep-Alive is what it does.
server.keepAliveTimeout = 3000;
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  console.log((server.address() as AddressInfo).port);
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { answer: body, duplex, chunkedAnswer, closes } = exchangeOf(request.url ?? '');
  const hash = createHash('sha256');
  request.on('data', (chunk: Buffer) => hash.update(chunk));
  const ended = new Promise<boolean>((resolve) => {
    request.once('end', () => resolve(true));
    request.once('close', () => resolve(request.complete));
  });
  if (!duplex && !(await ended)) return;
  if (closes) response.setHeader('connection', 'close');
  response.setHeader('x-upstream', String(process.pid));
  if (!duplex) {
    response.setHeader('x-received', hash.digest('base64url'));
    response.setHeader('x-trailer', String(request.trailers['x-sent'] ?? ''));
    if (!chunkedAnswer) response.setHeader('content-length', body.size);
  }
  if (duplex) response.setHeader('trailer', 'x-received, x-trailer');
  response.writeHead(200);
  await writeBody(response, body);
  if (duplex) {
    if (!(await ended)) {
      response.destroy();
      return;
    }
    response.addTrailers({
      'x-received': hash.digest('base64url'),
      'x-trailer': String(request.trailers['x-sent'] ?? ''),
    });
  }
  response.end();
}
