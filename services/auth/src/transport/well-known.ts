/**
 * The well-known documents, by plain HTTP for everyone and by mutual TLS for workloads, which so
 * need not trust a plain port on their way to the keys.
 */
import {
  createServer as createPlainServer,
  type RequestListener,
  type Server,
  STATUS_CODES,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type Listener, parseSpiffeId, spiffeIdOf, type TlsFiles } from '@gatehouse/chassis';
import {
  type GatehouseError,
  PROBLEM_CONTENT_TYPE,
  toGatehouseError,
  toProblem,
} from '@gatehouse/errors';
import { type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import type { WellKnownDocument } from './documents.ts';
import { httpErrors } from './http-errors.ts';

export interface WellKnownOptions {
  readonly name: string;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly documents: readonly WellKnownDocument[];
}

/** A listener that also knows its port, once it was started. */
export interface WellKnownListener extends Listener {
  readonly port: number;
}

/** Serves the documents by plain HTTP. Meant for the loopback, or behind something that adds TLS. */
export function plainListener(options: WellKnownOptions): WellKnownListener {
  return listenerOf(options, documentServer(options, createPlainServer));
}

/** Serves the documents by HTTPS to every workload of the trust domain, and to nobody else. */
export function workloadListener(
  options: WellKnownOptions & { readonly tls: TlsFiles; readonly trustDomain: string },
): WellKnownListener {
  const { tls, trustDomain } = options;
  const mutual = { requestCert: true, rejectUnauthorized: true };
  const app = documentServer(options, (handler) => {
    const server = createTlsServer({ ...tls.secureContextOptions(), ...mutual }, handler);
    tls.onChange(() => server.setSecureContext(tls.secureContextOptions()));
    return server;
  });
  app.addHook('onRequest', async (request) => {
    if (!isWorkload(request.raw.socket, trustDomain)) throw httpErrors.NOT_A_WORKLOAD();
  });
  return listenerOf(options, app);
}

function isWorkload(socket: unknown, trustDomain: string): boolean {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return false;
  try {
    const id = spiffeIdOf(socket.getPeerCertificate().raw);
    return parseSpiffeId(id)?.trustDomain === trustDomain;
  } catch {
    return false;
  }
}

const REQUEST_TIMEOUT_MS = 10_000;
const MAX_CONNECTIONS = 512;

type MakeServer = (handler: RequestListener) => Server;

function documentServer({ documents }: WellKnownOptions, makeServer: MakeServer): FastifyInstance {
  const app = fastify({
    serverFactory: (handler) => makeServer(handler),
    // A handful of bytes come in, ever.
    bodyLimit: 1024,
    forceCloseConnections: 'idle',
    frameworkErrors: (error, _request, reply) => void refuse(reply, error),
  });
  for (const document of documents) {
    app.get(document.path, async (_request, reply) => {
      // As bytes: Fastify would add a charset to text, which JSON has none of (RFC 8259, 11).
      const body = Buffer.from(JSON.stringify(await document.read()));
      reply.header('cache-control', `public, max-age=${document.maxAgeSeconds}`);
      return reply.header('content-type', document.contentType).send(body);
    });
  }
  const paths = new Set(documents.map((document) => document.path));
  app.setNotFoundHandler(async (request, reply) => {
    if (!paths.has(request.url.split('?')[0] ?? ''))
      return sendProblem(reply, httpErrors.NO_SUCH_PATH());
    reply.header('allow', 'GET, HEAD');
    return sendProblem(reply, httpErrors.METHOD_NOT_ALLOWED(), 405);
  });
  app.setErrorHandler(async (error, _request, reply) => refuse(reply, error));
  // Fastify leaves these to whoever makes the server.
  app.server.headersTimeout = REQUEST_TIMEOUT_MS;
  app.server.requestTimeout = REQUEST_TIMEOUT_MS;
  app.server.maxConnections = MAX_CONNECTIONS;
  return app;
}

function refuse(reply: FastifyReply, error: unknown): FastifyReply {
  const status = clientFaultOf(error);
  if (status === undefined) return sendProblem(reply, toGatehouseError(error));
  return sendProblem(reply, httpErrors.BAD_REQUEST(), status);
}

// What Fastify itself refuses: a body that is too large or of a strange type, a path that is none.
function clientFaultOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined;
  const { statusCode } = error;
  const isClientFault = typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500;
  return isClientFault ? statusCode : undefined;
}

// HTTP knows more of these than the kinds of error do: 405, 413, 415. Their status is given.
function sendProblem(reply: FastifyReply, error: GatehouseError, status?: number): FastifyReply {
  const plain = toProblem(error);
  const problem =
    status === undefined ? plain : { ...plain, status, title: STATUS_CODES[status] ?? plain.title };
  reply.header('cache-control', 'no-store');
  reply.header('content-type', PROBLEM_CONTENT_TYPE);
  return reply.code(problem.status).send(Buffer.from(JSON.stringify(problem)));
}

function listenerOf(options: WellKnownOptions, app: FastifyInstance): WellKnownListener {
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
