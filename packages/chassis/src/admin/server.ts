/** The admin listener of a process: plain HTTP on the loopback, for supervisors and Prometheus. */
import type { IncomingMessage } from 'node:http';
import { type LocalResponse, type LocalServer, startLocalServer } from '@gatehouse/runtime';
import type { AdminRoutes } from './added-routes.ts';
import type { Readiness } from './readiness.ts';

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
 * @throws Error with code EADDRINUSE and the port in its message when the port is taken.
 */
export function startAdminServer(options: AdminOptions): Promise<LocalServer> {
  return startLocalServer({ ...options, respond: (request) => respond(options, request) });
}

async function respond(
  { readiness, metricsText, adminRoutes }: AdminOptions,
  request: IncomingMessage,
): Promise<LocalResponse> {
  const added = await adminRoutes?.respond(request);
  if (added !== undefined) return added;
  if (request.method !== 'GET' && request.method !== 'HEAD') return { status: 405, body: {} };
  switch (request.url?.split('?')[0]) {
    case '/livez':
      return { status: 200, body: { alive: true } };
    case '/readyz': {
      const report = await readiness.report();
      return { status: report.ready ? 200 : 503, body: report };
    }
    case '/metrics': {
      const contentType = 'text/plain; version=0.0.4; charset=utf-8';
      return { status: 200, body: await metricsText(), contentType };
    }
    default:
      return { status: 404, body: {} };
  }
}
