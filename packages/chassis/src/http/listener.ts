/**
 * HTTP listeners of a service: plain, for callers that have no certificate of ours, and by mutual TLS
 * for workloads.
 *
 * An entry of its own (`@gatehouse/chassis/http`), so that a service without one loads no Fastify.
 */
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { bindAddressOf } from '../config/config.ts';
import type { Listener, ServiceContext } from '../context/service-context.ts';
import { settle } from '../process/settle.ts';
import { logRefusedConnections } from '../tls/refusals.ts';
import { Observer } from './observe.ts';
import { requireWorkload } from './peer.ts';
import { createApp, type HttpOptions, type MakeServer } from './server.ts';

export type { ServiceTokenGate } from '../trust/gates.ts';
export { type HttpFailure, problemResponse } from './error-response.ts';
export { httpErrors } from './errors.ts';
export { type ExactJson, ExactNumber, parseExact, stringifyExact } from './exact-json.ts';
export { peerOf } from './peer.ts';
export { type Headers, type HttpResponse, sendResponse } from './response.ts';
export type { HttpOptions, RouteGroup, Routes } from './server.ts';
export { requireServiceToken, verifyBearer } from './service-token.ts';

/** A listener that also knows its port, once it was started. */
export interface HttpListener extends Listener {
  readonly port: number;
}

/** How long requests are still taken once it has to stop: their callers may have sent them already. */
const SETTLE_MS = 100;

/**
 * Makes the plain listener of a service at GATEHOUSE_HTTP_PORT (0: any free port) of
 * GATEHOUSE_BIND_ADDRESS: for the loopback, or for a private network behind something that adds TLS.
 *
 * Each request has a span below the caller's `traceparent`, metrics, and a log line when it fails. A
 * request must arrive within 10 s; 512 connections. In the drain, what is in flight is finished.
 *
 * Nobody is authenticated here: that is for a hook of `routes`. An `onRequest` hook runs before the
 * body is read.
 *
 * @returns undefined when the setting is absent: the listener is off.
 * @throws ConfigError when the setting is no port.
 *
 * @example
 * ```ts
 * import type { ServiceApp, ServiceContext } from '@gatehouse/chassis';
 * import { httpListener } from '@gatehouse/chassis/http';
 *
 * export async function build(context: ServiceContext): Promise<ServiceApp> {
 *   const listener = httpListener(context, {
 *     routes: (app) => {
 *       app.get('/health', async () => ({ status: 'UP' }));
 *     },
 *   });
 *   return { implementations: [], listeners: listener === undefined ? [] : [listener] };
 * }
 * ```
 */
export function httpListener(
  context: ServiceContext,
  options: HttpOptions,
): HttpListener | undefined {
  const port = context.env.optionalPort('GATEHOUSE_HTTP_PORT');
  if (port === undefined) return undefined;
  const app = createApp(options, observerOf(context), (handler) => createServer(handler));
  return listenerOf(context, app, { name: options.name ?? 'http', port });
}

/**
 * Makes a listener that serves by HTTPS to every workload of the trust domain and to nobody else
 * (`http.not_a_workload`). `peerOf(request)` says which one asks. Otherwise as {@link httpListener}.
 *
 * @param options.port - 0: any free one.
 *
 * @example
 * ```ts
 * import type { ServiceContext } from '@gatehouse/chassis';
 * import { peerOf, workloadListener } from '@gatehouse/chassis/http';
 *
 * const listenerOf = (context: ServiceContext) =>
 *   workloadListener(context, {
 *     port: context.env.port('GATEHOUSE_KEYS_PORT'),
 *     routes: (app) => {
 *       app.get('/whoami', async (request) => ({ you: peerOf(request) }));
 *     },
 *   });
 * ```
 */
export function workloadListener(
  context: ServiceContext,
  options: HttpOptions & { readonly port: number },
): HttpListener {
  const { tls, trustDomain, log } = context;
  const makeServer: MakeServer = (handler) => {
    const mutual = { requestCert: true, rejectUnauthorized: true };
    const server = createTlsServer({ ...tls.secureContextOptions(), ...mutual }, handler);
    logRefusedConnections(server, log);
    tls.onChange(() => server.setSecureContext(tls.secureContextOptions()));
    return server;
  };
  const before = (app: FastifyInstance): void => requireWorkload(app, trustDomain);
  const app = createApp({ ...options, before }, observerOf(context), makeServer);
  return listenerOf(context, app, { name: options.name ?? 'workloads', port: options.port });
}

function observerOf({ telemetry, log }: ServiceContext): Observer {
  return new Observer(telemetry, log);
}

function listenerOf(
  { env, log }: ServiceContext,
  app: FastifyInstance,
  { name, port }: { readonly name: string; readonly port: number },
): HttpListener {
  return {
    name,
    get port() {
      const address: AddressInfo | string | null = app.server.address();
      return typeof address === 'object' ? (address?.port ?? 0) : 0;
    },
    start: async () => {
      await app.listen({ host: bindAddressOf(env), port });
      log.info({ listener: name, url: app.listeningOrigin }, 'listening');
    },
    stop: (graceMs) => stop(app, graceMs),
  };
}

async function stop(app: FastifyInstance, graceMs: number): Promise<void> {
  await settle(SETTLE_MS);
  const cut = setTimeout(() => app.server.closeAllConnections(), graceMs);
  await app.close();
  clearTimeout(cut);
}
