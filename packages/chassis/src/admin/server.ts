/** The admin listener of a process: plain HTTP on the loopback, for supervisors and Prometheus. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, BlockList, isIPv4, isIPv6 } from 'node:net';
import type { Readiness } from './readiness.ts';
import type { AdminRoutes } from './routes.ts';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');
// What a program of this machine calls its loopback, with any port.
const LOCAL_HOST = /^(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]{1,5})?$/i;

/** An admin listener that listens. */
export interface AdminServer {
  readonly port: number;
  close(): Promise<void>;
}

/** What the admin listener shows and where it listens. */
export interface AdminOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly readiness: Readiness;
  readonly metricsText: () => Promise<string>;
  /** What the service adds. */
  readonly adminRoutes?: AdminRoutes;
}

/**
 * Serves `/livez` (the process responds), `/readyz` (503 until every check passes; JSON) and
 * `/metrics` (Prometheus). No authentication: bind it to the loopback or a private network.
 *
 * On the loopback it responds with 403 to a `Host` that is not the loopback's: a web page can give its own
 * name this address (DNS rebinding), and its browser would then let it read the response.
 *
 * @throws Error with code EADDRINUSE and the port in its message when the port is taken.
 */
export async function startAdminServer(options: AdminOptions): Promise<AdminServer> {
  const server = createServer((request, response) => {
    if (isLoopback(options.host) && !LOCAL_HOST.test(request.headers.host ?? '')) {
      send(response, 403, {});
      return;
    }
    respond(options, request, response).catch(() => {
      response.destroy();
    });
  });
  await listen(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function isLoopback(host: string): boolean {
  if (isIPv4(host)) return LOOPBACK.check(host, 'ipv4');
  return isIPv6(host) ? LOOPBACK.check(host, 'ipv6') : host === 'localhost';
}

async function respond(
  { readiness, metricsText, adminRoutes }: AdminOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const added = await adminRoutes?.respond(request);
  if (added !== undefined) return send(response, added.status, added.body);
  if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, {});
  switch (request.url?.split('?')[0]) {
    case '/livez':
      return send(response, 200, { alive: true });
    case '/readyz': {
      const report = await readiness.report();
      return send(response, report.ready ? 200 : 503, report);
    }
    case '/metrics': {
      const text = await metricsText();
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
      response.end(text);
      return;
    }
    default:
      return send(response, 404, {});
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  });
  response.end(JSON.stringify(body));
}

function listen(server: Server, { host, port }: AdminOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
