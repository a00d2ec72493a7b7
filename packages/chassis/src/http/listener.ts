/**
 * A service's own HTTP listener, for callers that speak neither gRPC nor our certificates: plain HTTP,
 * meant for the loopback, or for a private network behind something that adds TLS.
 *
 * An entry of its own (`@gatehouse/chassis/http`), so that a service without one loads no Fastify.
 */
import type { AddressInfo } from 'node:net';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { Listener, ServiceContext } from '../context/service-context.ts';
import { settle } from '../process/settle.ts';
import { Observer } from './observe.ts';
import { type HttpBody, problemBody, type Refusal, refusalOf, refusalWith } from './refusal.ts';

export { httpErrors } from './errors.ts';
export { type ExactJson, ExactNumber, parseExact, stringifyExact } from './exact-json.ts';
export type { HttpBody, Refusal } from './refusal.ts';
export { requireServiceToken, type ServiceTokenGate, verifyBearer } from './service-token.ts';

/** What a listener serves. */
export interface HttpOptions {
  /** In logs. Default `http`. */
  readonly name?: string;
  /** Adds routes and hooks. Bodies come as text of `application/json`, for the route to parse. */
  readonly routes: (app: FastifyInstance) => void;
  /** How an error looks; undefined: no body at all. Default: problem+json. */
  readonly errorBody?: (refusal: Refusal) => HttpBody | undefined;
  /** Largest body. Default 64 KiB. */
  readonly maxBodyBytes?: number;
}

/** A listener that also knows its port, once it was started. */
export interface HttpListener extends Listener {
  readonly port: number;
}

const DEFAULT_MAX_BODY_BYTES = 64 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;
const MAX_CONNECTIONS = 512;
/** How long requests are still taken once it has to stop: their callers may have sent them already. */
const SETTLE_MS = 100;

/**
 * Makes the listener of a service at GATEHOUSE_HTTP_PORT (0: any free port) of GATEHOUSE_BIND_ADDRESS.
 * It has a span, metrics and a log line on failure for each request, takes the caller's `traceparent`,
 * and in the drain finishes what is in flight. A request must arrive within 10 s; 512 connections.
 *
 * Nobody is authenticated here: that is for a hook of `routes`. An `onRequest` hook runs before the
 * body is read.
 *
 * @returns undefined when the setting is absent: the listener is off.
 * @throws ConfigError when the setting is no port.
 */
export function httpListener(
  context: ServiceContext,
  options: HttpOptions,
): HttpListener | undefined {
  const port = context.env.optionalPort('GATEHOUSE_HTTP_PORT');
  if (port === undefined) return undefined;
  const host = context.env.optionalString('GATEHOUSE_BIND_ADDRESS') ?? '127.0.0.1';
  const app = serverOf(options, new Observer(context.telemetry, context.log));
  return {
    name: options.name ?? 'http',
    get port() {
      const address: AddressInfo | string | null = app.server.address();
      return typeof address === 'object' ? (address?.port ?? 0) : 0;
    },
    start: async () => {
      await app.listen({ host, port });
      context.log.info({ url: app.listeningOrigin }, 'listening');
    },
    stop: (graceMs) => stop(app, graceMs),
  };
}

function serverOf(options: HttpOptions, observer: Observer): FastifyInstance {
  const { errorBody = problemBody, maxBodyBytes = DEFAULT_MAX_BODY_BYTES } = options;
  const refuse = (request: FastifyRequest, reply: FastifyReply, refusal: Refusal): FastifyReply => {
    observer.refused(request, refusal.error);
    const { retryAfterSeconds } = refusal.error;
    if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
    if (refusal.status === 401) reply.header('www-authenticate', 'Bearer');
    reply.code(refusal.status).header('cache-control', 'no-store');
    const shown = errorBody(refusal);
    return shown === undefined ? reply.send() : sendAs(reply, shown);
  };
  const app = fastify({
    bodyLimit: maxBodyBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // What comes on an open connection while the rest drains is answered; then it is closed.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => void refuse(request, reply, refusalOf(error)),
  });
  app.server.headersTimeout = REQUEST_TIMEOUT_MS;
  app.server.maxConnections = MAX_CONNECTIONS;
  observer.attach(app);
  const pathsOf = rememberPaths(app);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  );
  app.setErrorHandler(async (error, request, reply) => refuse(request, reply, refusalOf(error)));
  app.setNotFoundHandler(async (request, reply) => {
    const allowed = pathsOf(request.url.split('?')[0] ?? '');
    if (allowed.length === 0) return refuse(request, reply, refusalWith(404));
    reply.header('allow', allowed.join(', '));
    return refuse(request, reply, refusalWith(405));
  });
  options.routes(app);
  return app;
}

/** Sends a body as bytes: Fastify would add a charset to text, which JSON has none of (RFC 8259, 11). */
export function sendAs(reply: FastifyReply, { contentType, body }: HttpBody): FastifyReply {
  return reply.header('content-type', contentType).send(Buffer.from(body));
}

/** Remembers each route; the function says which methods a path takes. */
function rememberPaths(app: FastifyInstance): (path: string) => readonly string[] {
  const routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    const pattern = url.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/:\w+/g, '[^/]+');
    routes.push({ pattern: new RegExp(`^${pattern}$`), methods: [method].flat() });
  });
  return (path) => [
    ...new Set(
      routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods),
    ),
  ];
}

async function stop(app: FastifyInstance, graceMs: number): Promise<void> {
  await settle(SETTLE_MS);
  const cut = setTimeout(() => app.server.closeAllConnections(), graceMs);
  await app.close();
  clearTimeout(cut);
}
