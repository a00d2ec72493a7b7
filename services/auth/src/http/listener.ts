/**
 * Auth's HTTP listeners: plain for everyone, and by mutual TLS for workloads, which so need not trust a
 * plain port on their way to the keys.
 */
import { createServer as createPlainServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import {
  type Listener,
  logRefusedConnections,
  parseSpiffeId,
  type ServiceContext,
  spiffeIdOf,
  type TlsFiles,
} from '@gatehouse/chassis';
import { type FastifyInstance, type FastifyRequest, fastify } from 'fastify';
import { httpErrors } from './errors.ts';
import { refuse, sendProblem } from './problems.ts';

/** Adds routes to a listener. */
export type Routes = (app: FastifyInstance) => void;

export interface HttpOptions {
  readonly name: string;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly routes: readonly Routes[];
}

/** A listener that also knows its port, once it was started. */
export interface HttpListener extends Listener {
  readonly port: number;
}

/** Serves by plain HTTP. Meant for the loopback, or behind something that adds TLS. */
export function plainListener(options: HttpOptions): HttpListener {
  return listenerOf(options, serverOf(options, createPlainServer));
}

/** Serves by HTTPS to every workload of the trust domain, and to nobody else. */
export function workloadListener(
  options: HttpOptions & {
    readonly tls: TlsFiles;
    readonly trustDomain: string;
    readonly log: ServiceContext['log'];
  },
): HttpListener {
  const { tls, trustDomain, log } = options;
  const mutual = { requestCert: true, rejectUnauthorized: true };
  const app = serverOf(options, (handler) => {
    const server = createTlsServer({ ...tls.secureContextOptions(), ...mutual }, handler);
    logRefusedConnections(server, log);
    tls.onChange(() => server.setSecureContext(tls.secureContextOptions()));
    return server;
  });
  app.addHook('onRequest', async (request) => {
    const id = peerOf(request);
    if (id === undefined || parseSpiffeId(id)?.trustDomain !== trustDomain) {
      const reason =
        id === undefined ? 'its certificate names no workload' : 'it is of another trust domain';
      log.warn({ reason, peer: id, address: request.ip }, 'a peer was refused');
      throw httpErrors.NOT_A_WORKLOAD();
    }
  });
  return listenerOf(options, app);
}

/** SPIFFE ID of the peer; undefined by plain HTTP, and where its certificate has none. */
export function peerOf(request: FastifyRequest): string | undefined {
  const socket: unknown = request.raw.socket;
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  try {
    return spiffeIdOf(socket.getPeerCertificate().raw);
  } catch {
    return undefined;
  }
}

const REQUEST_TIMEOUT_MS = 10_000;
const MAX_CONNECTIONS = 512;

type MakeServer = (handler: RequestListener) => Server;

function serverOf({ routes }: HttpOptions, makeServer: MakeServer): FastifyInstance {
  const app = fastify({
    serverFactory: (handler) => makeServer(handler),
    // A handful of bytes come in; a route that takes more says so.
    bodyLimit: 1024,
    forceCloseConnections: 'idle',
    frameworkErrors: (error, _request, reply) => void refuse(reply, error),
  });
  const methods = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ path, method }) => {
    const known = methods.get(path) ?? new Set();
    for (const each of [method].flat()) known.add(each);
    methods.set(path, known);
  });
  app.setNotFoundHandler(async (request, reply) => {
    const allowed = methods.get(request.url.split('?')[0] ?? '');
    if (allowed === undefined) return sendProblem(reply, httpErrors.NO_SUCH_PATH());
    reply.header('allow', [...allowed].join(', '));
    return sendProblem(reply, httpErrors.METHOD_NOT_ALLOWED(), 405);
  });
  app.setErrorHandler(async (error, _request, reply) => refuse(reply, error));
  for (const add of routes) add(app);
  // Fastify leaves these to whoever makes the server.
  app.server.headersTimeout = REQUEST_TIMEOUT_MS;
  app.server.requestTimeout = REQUEST_TIMEOUT_MS;
  app.server.maxConnections = MAX_CONNECTIONS;
  return app;
}

function listenerOf(options: HttpOptions, app: FastifyInstance): HttpListener {
  const { name, host, port } = options;
  return {
    name,
    get port() {
      const address: AddressInfo | string | null = app.server.address();
      return typeof address === 'object' ? (address?.port ?? 0) : 0;
    },
    async start() {
      await app.listen({ host, port });
    },
    async stop(graceMs) {
      const cut = setTimeout(() => app.server.closeAllConnections(), graceMs);
      await app.close();
      clearTimeout(cut);
    },
  };
}
