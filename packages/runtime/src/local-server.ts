/** Plain HTTP for programs and persons of this machine, or of a private network: no authentication. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, BlockList, isIPv4, isIPv6 } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');
// What a program of this machine calls its loopback, with any port.
const LOCAL_HOST = /^(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]{1,5})?$/i;

/** What a local server sends. */
export interface LocalResponse {
  readonly status: number;
  /** An object is sent as JSON, a text as it is. */
  readonly body: object | string;
  /** Default: JSON. */
  readonly contentType?: string;
}

/** Where a local server listens, and what it responds with. */
export interface LocalServerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** A rejection ends the connection. */
  readonly respond: (request: IncomingMessage) => Promise<LocalResponse>;
}

/** A local server that listens. */
export interface LocalServer {
  readonly port: number;
  /** Ends open connections too. */
  close(): Promise<void>;
}

/**
 * Starts it. On the loopback it responds with 403 to a `Host` that is not the loopback's: a web page can
 * give its own name this address (DNS rebinding), and its browser would then let it read the response.
 *
 * @throws Error with code EADDRINUSE and the port in its message when the port is taken.
 */
export async function startLocalServer(options: LocalServerOptions): Promise<LocalServer> {
  const { host, port, respond } = options;
  const isLocal = isLoopback(host);
  const server = createServer((request, response) => {
    if (isLocal && !LOCAL_HOST.test(request.headers.host ?? '')) {
      send(response, { status: 403, body: {} });
      return;
    }
    respond(request).then(
      (made) => send(response, made),
      () => response.destroy(),
    );
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, host, resolve);
  await promise;
  server.off('error', reject);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

function isLoopback(host: string): boolean {
  if (isIPv4(host)) return LOOPBACK.check(host, 'ipv4');
  return isIPv6(host) ? LOOPBACK.check(host, 'ipv6') : host === 'localhost';
}

function send(response: ServerResponse, { status, body, contentType }: LocalResponse): void {
  if (response.destroyed) return;
  response.writeHead(status, {
    'content-type': contentType ?? 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
