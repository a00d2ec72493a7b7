/** The platform's own services that speak plain HTTP, at the edge: OAuth, which is auth's. */
import type { HttpRoute, UpstreamSettings } from './http-route.ts';
import type { RouteSet } from './route.ts';
import { createRouteSet } from './route-set.ts';

/** Where auth serves workloads by HTTPS, and with which files it is called. */
export interface AuthEndpoint {
  readonly url: URL;
  readonly spiffeId: string;
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
}

const PREFIX = '/oauth2/';
const UPSTREAM = 'gatehouse-auth';
const NO_EDITS = Object.freeze({ set: new Map<string, string>(), remove: new Set<string>() });

/**
 * A credential endpoint: a Bearer header is not looked at, so that a stale token never keeps a client
 * from a new one, and Basic is passed on, here alone.
 */
const OAUTH: HttpRoute = {
  name: 'gatehouse-oauth2',
  hosts: [],
  template: `${PREFIX}{endpoint}`,
  methods: ['POST'],
  rule: {
    subject: 'ANYONE',
    scopes: [],
    roles: [],
    authLevel: 0,
    callers: ['gateway'],
    carries: [],
    fresh: false,
    ignoreBearer: true,
  },
  upstream: UPSTREAM,
  timeouts: { connectMs: 2000, firstByteMs: 10_000, idleMs: 10_000, totalMs: 15_000 },
  retries: 0,
  rewrite: { host: 'upstream', requestHeaders: NO_EDITS, responseHeaders: NO_EDITS },
  limit: undefined,
  maxBodyBytes: 32 * 1024,
  websocket: false,
};

/**
 * Adds our own routes to those of the file. A file that has routes there itself is left as it is.
 *
 * @param set - undefined: there is no file.
 */
export function withOwnRoutes(set: RouteSet | undefined, auth: AuthEndpoint): RouteSet {
  const routes = set?.routes ?? [];
  if (set !== undefined && routes.some(({ template }) => template.startsWith(PREFIX))) return set;
  const upstreams = new Map(set?.upstreams ?? []);
  upstreams.set(UPSTREAM, upstreamOf(auth));
  return createRouteSet([...routes, OAUTH], upstreams);
}

function upstreamOf({ url, spiffeId, tls }: AuthEndpoint): UpstreamSettings {
  return {
    name: UPSTREAM,
    addresses: [{ host: url.hostname, port: Number(url.port || 443) }],
    tls: { ...tls, spiffeId },
    health: { passive: { consecutiveFailures: 5, ejectMs: 1000, maxEjectMs: 10_000 } },
    slowStartMs: 0,
    maxConnectionsPerAddress: 64,
    keepAliveMs: 4000,
    retryBudget: { ratio: 0.2, minPerSecond: 3 },
    // What auth counts failures by.
    forwarding: 'x-forwarded',
  };
}
