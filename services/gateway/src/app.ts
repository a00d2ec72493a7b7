/** The gateway, put together. */

import { trustedKeys } from '@gatehouse/access';
import {
  addressesOf,
  mtlsFetchDocument,
  runService,
  type ServiceApp,
  type ServiceContext,
  spiffeIdFor,
} from '@gatehouse/chassis';
import { METHODS } from '@gatehouse/contracts';
import { AuthService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import {
  createAccessTokenVerifier,
  createRemoteKeySet,
  type RemoteKeySet,
} from '@gatehouse/tokens';
import { createEdge } from './compose/edge.ts';
import { createForeign } from './compose/external.ts';
import { edgeHandlers } from './compose/handlers.ts';
import { edgeListeners } from './compose/listen.ts';
import { createLiveForeign, type LiveForeign, upstreamsRoute } from './compose/live-external.ts';
import { keepFile } from './compose/live-file.ts';
import { type GatewayConfig, readGatewayConfig } from './config.ts';
import { explainRoutes } from './explain/explain.ts';
import { readForeignFile } from './file/foreign-file.ts';
import type { Forwarder } from './forward/grpc/forwarder.ts';
import { createGrpcForwarder } from './forward/grpc/grpc-forwarder.ts';
import { boundHeapGrowth } from './heap.ts';
import { createFailureLimit } from './identify/failure-limit.ts';
import { createRequestLimit } from './limit/request-limit.ts';
import { createPassportKey, type PassportKey } from './mint/passport-key.ts';
import { createSharedPassports } from './mint/shared-passports.ts';
import { createObserver } from './observe/observe.ts';
import { observeUpstreams } from './observe/upstreams.ts';
import { createPageTable } from './pages/page-table.ts';
import { createCors } from './receive/cors.ts';
import { withOwnRoutes } from './route/own-routes.ts';
import { createRouteTable } from './route/route-table.ts';

const ACCESS_KEYS_PATH = '/.well-known/jwks.json';
/** Half of them stay whatever order they come in; each takes about 3 kB. */
const CACHED_TOKENS = 40_000;
const UPSTREAM_GRACE_MS = 1000;

/**
 * Builds the edge: it listens once everything else is there, and is ready once it has auth's keys,
 * auth's news and a leased passport key.
 */
export async function buildGateway(context: ServiceContext): Promise<ServiceApp> {
  const { clock, identity, trustDomain, telemetry, log } = context;
  const config = readGatewayConfig(context.env);
  const routes = createRouteTable(METHODS);
  for (const { service } of routes.methods) addressesOf(config.upstreams, service);
  const feed = context.revocations();
  const keys = accessKeys(context, config);
  const key = passportKey(context, config);
  const shared = createSharedPassports({ clock });
  const forwarder = forwarderTo(context, config);
  feed.onKeysChanged(() => void keys.reload());
  feed.onKeyRevoked((kid) => key.revoke(kid));
  feed.onSessionRevoked((sessionId) => shared.dropSession(sessionId));
  const verifier = createAccessTokenVerifier({
    issuer: config.issuer,
    audience: config.audience,
    keys: trustedKeys(keys, feed),
    revocations: feed,
    clock,
    cacheEntries: CACHED_TOKENS,
  });
  const observer = createObserver({ telemetry, log });
  const { proxies } = config;
  const identifying = { verifier, failures: createFailureLimit({ proxies }), feed };
  const newsStale = () => feed.stale;
  const { upstreams } = config;
  const http = httpRoutes(context, config);
  const explaining = {
    ...{ routes, identifying, identity, trustDomain, newsStale, upstreams },
    foreign: http,
  };
  for (const route of explainRoutes(explaining)) context.adminRoute(route);
  const cors = createCors(config.corsOrigins);
  const limit = createRequestLimit(config.requestLimit);
  const minting = { key, shared, identity, trustDomain, clock };
  const edge = createEdge({
    observer,
    proxies,
    cors,
    limit,
    routes,
    pages: createPageTable({ methods: routes.methods, traceView: config.traceView }),
    identifying,
    minting,
    newsStale,
    forwarder,
  });
  const isOurs = (segments: readonly string[]) => routes.match(segments) !== undefined;
  const foreign = createForeign(context, {
    ...{
      config: () => http.current(),
      isOurs,
      proxies,
      cors,
      limit,
      identifying,
      minting,
      newsStale,
    },
  });
  context.onClose(async () => foreign.live.close());
  const handlers = edgeHandlers({ proxy: foreign.proxy, edge, observer });
  const { live } = foreign;
  return { implementations: [], listeners: edgeListeners(context, { config, live, handlers }) };
}

/** Routes to services that speak plain HTTP: our own, and those of the file where there is one. */
function httpRoutes(context: ServiceContext, config: GatewayConfig): LiveForeign {
  const { ca, cert, key } = context.tls.paths;
  const auth = {
    url: config.keysUrl,
    spiffeId: spiffeIdFor(context.trustDomain, 'auth'),
    tls: { ca, cert, key },
  };
  const path = config.gatewayFile;
  const file = path === undefined ? undefined : readForeignFile(path);
  const foreign = createLiveForeign(withOwnRoutes(file?.routes, auth));
  context.onClose(() => foreign.close(UPSTREAM_GRACE_MS));
  context.adminRoute(upstreamsRoute(foreign));
  observeUpstreams(context, () => foreign.states());
  if (path !== undefined && file !== undefined) {
    const { text, read } = file;
    keepFile(context, {
      path,
      text,
      read,
      take: (next) => foreign.take(withOwnRoutes(next, auth)),
    });
  }
  return foreign;
}

function accessKeys(context: ServiceContext, config: GatewayConfig): RemoteKeySet {
  const { log, tls, clock } = context;
  const keys = createRemoteKeySet({
    url: new URL(ACCESS_KEYS_PATH, config.keysUrl),
    fetchDocument: mtlsFetchDocument(tls, spiffeIdFor(context.trustDomain, 'auth')),
    clock,
    onEvent: (event) => {
      if (event.type === 'failed')
        log.warn({ err: event.error }, 'the access keys are not to be had');
    },
  });
  // It never throws: while auth is away it goes on trying, and the gateway is not ready.
  void keys.start();
  context.onClose(async () => keys.close());
  context.readiness('access-keys', () => {
    if (!keys.ready) throw new Error('no access token keys from auth yet');
  });
  return keys;
}

function passportKey(context: ServiceContext, config: GatewayConfig): PassportKey {
  const { log, clock, identity } = context;
  const auth = context.client(AuthService);
  const key = createPassportKey({
    ...config.passportKey,
    register: (request) => auth.registerPassportKey(request),
    identity,
    authIdentity: spiffeIdFor(context.trustDomain, 'auth'),
    clock,
    onEvent: (event) => {
      if (event.kind === 'failed') {
        log.warn({ err: event.cause, retryInMs: event.retryInMs }, 'the passport key has no lease');
      } else if (event.kind === 'registered') {
        log.debug({ kid: event.kid }, 'the passport key is registered');
      } else if (event.kind === 'replaced') {
        log.info({ kid: event.kid, by: event.by }, 'another passport key signs');
      } else {
        log.warn({ kid: event.kid }, 'the passport key was revoked; another one is made');
      }
    },
  });
  key.start();
  context.onClose(() => key.close());
  context.readiness('passport-key', () => {
    if (key.signer() === undefined) throw new Error('auth has not leased the passport key yet');
  });
  return key;
}

function forwarderTo(context: ServiceContext, config: GatewayConfig): Forwarder {
  const { trustDomain, tls, clock, telemetry } = context;
  const forwarder = createGrpcForwarder({
    upstreams: config.upstreams,
    trustDomain,
    tls,
    clock,
    tracer: telemetry.tracer,
  });
  context.onClose(() => forwarder.close());
  return forwarder;
}

// Started as a process, not imported by a test.
if (import.meta.main) {
  boundHeapGrowth();
  await runService({ name: 'gateway', build: buildGateway });
}
