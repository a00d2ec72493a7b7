/** How Node's own strict parser reads the bytes of a connection: the oracle of our receiver. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { passedTrailers } from '@gatehouse/wire';

/** One request, as it was read. */
export interface ReadRequest {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: string;
  readonly trailers: readonly string[];
}

/** Reads what one connection sends until its end. @returns the requests that came whole. */
export type Oracle = (bytes: Buffer) => Promise<readonly ReadRequest[]>;

/** Node's server with every leniency off. */
export function createNodeOracle(): Oracle {
  return (bytes) =>
    new Promise((resolve) => {
      const seen: { readonly request: IncomingMessage; readonly body: Buffer[] }[] = [];
      const server = createServer({
        insecureHTTPParser: false,
        joinDuplicateHeaders: false,
        requireHostHeader: false,
        maxHeaderSize: 16 * 1024,
      });
      server.maxHeadersCount = 0;
      const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
        const body: Buffer[] = [];
        seen.push({ request, body });
        request.on('data', (chunk: Buffer) => body.push(chunk));
        request.on('error', () => undefined);
        request.on('end', () => response.end());
      };
      server.on('request', onRequest);
      server.on('checkContinue', onRequest);
      server.on('checkExpectation', onRequest);
      const onDetached = (request: IncomingMessage, socket: Duplex): void => {
        seen.push({ request, body: [] });
        request.complete = true;
        setImmediate(() => socket.destroy());
      };
      server.on('upgrade', onDetached);
      server.on('connect', onDetached);
      // What came whole before is still handed on.
      server.on('clientError', (_error, socket) => setImmediate(() => socket.destroy()));
      const wire = new Duplex({
        read: () => undefined,
        write: (_chunk, _encoding, done) => done(),
        final: (done) => done(),
      });
      wire.on('error', () => undefined);
      wire.once('close', () => {
        const whole = seen.filter(({ request }) => request.complete);
        resolve(whole.map(({ request, body }) => asRead(request, Buffer.concat(body))));
      });
      server.emit('connection', wire as Socket);
      wire.push(bytes);
      wire.push(null);
    });
}

function asRead(request: IncomingMessage, body: Buffer): ReadRequest {
  return {
    method: request.method ?? '',
    target: request.url ?? '',
    version: request.httpVersion,
    headers: request.rawHeaders,
    body: body.toString('latin1'),
    // Those that no one may send there are left out, as by the edge.
    trailers: passedTrailers(request.rawTrailers),
  };
}
