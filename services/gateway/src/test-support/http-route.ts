import type { HttpRoute, UpstreamSettings } from '../route/http-route.ts';

const NO_EDITS = { set: new Map<string, string>(), remove: new Set<string>() };

/** A route for anyone to the upstream `app`, but for what is said. */
export function httpRoute(change: Partial<HttpRoute> = {}): HttpRoute {
  return {
    name: change.template ?? 'all',
    hosts: [],
    template: '/{path=**}',
    methods: ['GET'],
    rule: {
      subject: 'ANYONE',
      scopes: [],
      roles: [],
      authLevel: 0,
      callers: ['gateway'],
      carries: [],
      fresh: false,
      ignoreBearer: false,
    },
    upstream: 'app',
    timeouts: { connectMs: 1000, firstByteMs: 5000, idleMs: 5000, totalMs: undefined },
    retries: 1,
    rewrite: { host: 'keep', requestHeaders: NO_EDITS, responseHeaders: NO_EDITS },
    limit: undefined,
    maxBodyBytes: undefined,
    websocket: false,
    ...change,
  };
}

/** A plain upstream `app` on the loopback, but for what is said. */
export function upstreamSettings(change: Partial<UpstreamSettings> = {}): UpstreamSettings {
  return {
    name: 'app',
    addresses: [{ host: '127.0.0.1', port: 3000 }],
    tls: undefined,
    health: { passive: { consecutiveFailures: 5, ejectMs: 1000, maxEjectMs: 30_000 } },
    slowStartMs: 10_000,
    maxConnectionsPerAddress: 256,
    keepAliveMs: 4000,
    retryBudget: { ratio: 0.2, minPerSecond: 3 },
    forwarding: 'forwarded',
    ...change,
  };
}
