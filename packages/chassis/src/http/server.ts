/** Fastify, set up the one way that every HTTP listener of a service has. */
import type { RequestListener, Server } from 'node:http';
import { commonErrors } from '@gatehouse/errors';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { failureOf, type HttpFailure, problemResponse, routeFailure } from './error-response.ts';
import type { Observer } from './observe.ts';
import { type HttpResponse, sendResponse } from './response.ts';

/** Adds routes and hooks. */
export type Routes = (app: FastifyInstance) => void;

/** Routes that take the same bodies and whose errors look the same. */
export interface RouteGroup {
  /** Hooks that are added here run for the routes of this group alone. */
  readonly routes: Routes;
  /**
   * The one media type of bodies; 415 for others. `json` (`application/json`, strictly UTF-8) gives
   * the route a text to parse, `form` (`application/x-www-form-urlencoded`) a Buffer, and its group says itself how a 415 reads. Default
   * `json`.
   */
  readonly body?: 'json' | 'form';
  /** Default 64 KiB, or that of the listener. */
  readonly maxBodyBytes?: number;
  /** How an error looks; undefined: no body at all. Default: problem+json, or that of the listener. */
  readonly errorResponse?: (failure: HttpFailure) => HttpResponse | undefined;
}

/** What a listener serves. Hooks of its own `routes` run for every request, an unknown path's too. */
export interface HttpOptions extends RouteGroup {
  /** In logs. Default `http`, or `workloads`. */
  readonly name?: string;
  readonly groups?: readonly RouteGroup[];
}

/** Makes the server that Fastify is put on. */
export type MakeServer = (handler: RequestListener) => Server;

const DEFAULT_MAX_BODY_BYTES = 64 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;
const MAX_CONNECTIONS = 512;

/** @param observer - watches every request, before any other hook runs. */
export function createApp(
  options: HttpOptions & { readonly before?: Routes },
  observer: Observer,
  makeServer: MakeServer,
): FastifyInstance {
  const { maxBodyBytes = DEFAULT_MAX_BODY_BYTES, errorResponse = problemResponse } = options;
  const fail: Fail = ({ request, reply, errorResponse: form = errorResponse }, failure) => {
    const { status, headers } = failure;
    return observer.within(request, () => {
      observer.failed(request, failure.error);
      return sendResponse(reply, { status, headers, ...form(failure) });
    });
  };
  const app = fastify({
    serverFactory: (handler) => makeServer(handler),
    bodyLimit: maxBodyBytes,
    // A request that comes on an open connection while the rest drains is served; then it is closed.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => void fail({ request, reply }, failureOf(error)),
  });
  // Fastify leaves these to whoever makes the server.
  app.server.headersTimeout = REQUEST_TIMEOUT_MS;
  app.server.requestTimeout = REQUEST_TIMEOUT_MS;
  app.server.maxConnections = MAX_CONNECTIONS;
  observer.attach(app);
  const methodsOf = rememberMethods(app);
  app.setNotFoundHandler(async (request, reply) =>
    fail({ request, reply }, routeFailure(methodsOf(request.url.split('?')[0] ?? ''))),
  );
  options.before?.(app);
  addGroup(app, options, fail);
  for (const group of options.groups ?? []) {
    app.register(async (scope) => addGroup(scope, { maxBodyBytes, ...group }, fail));
  }
  return app;
}

interface Failing {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly errorResponse?: RouteGroup['errorResponse'];
}

type Fail = (failing: Failing, failure: HttpFailure) => FastifyReply;

function addGroup(scope: FastifyInstance, group: RouteGroup, fail: Fail): void {
  const { errorResponse, maxBodyBytes } = group;
  const form = errorResponse === undefined ? {} : { errorResponse };
  const limit = maxBodyBytes === undefined ? {} : { bodyLimit: maxBodyBytes };
  scope.removeAllContentTypeParsers();
  const [type, read] = BODIES[group.body ?? 'json'];
  const parse = async (_request: FastifyRequest, body: Buffer) => read(body);
  scope.addContentTypeParser(type, { parseAs: 'buffer', ...limit }, parse);
  scope.setErrorHandler(async (error, request, reply) =>
    fail({ request, reply, ...form }, failureOf(error)),
  );
  group.routes(scope);
}

const BODIES = {
  json: ['application/json', utf8],
  form: ['application/x-www-form-urlencoded', (body: Buffer): unknown => body],
} as const;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function utf8(body: Buffer): unknown {
  try {
    return decoder.decode(body);
  } catch (cause) {
    const fields = [{ pointer: '', detail: 'must be JSON in UTF-8' }];
    throw commonErrors.INVALID_INPUT({ fields, cause });
  }
}

/** Remembers each route; the function says which methods a path takes. */
function rememberMethods(app: FastifyInstance): (path: string) => readonly string[] {
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
