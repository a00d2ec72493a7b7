/** The gateway of a platform. */

import {
  addressesOf,
  runService,
  type ServiceApp,
  type ServiceContext,
  spiffeIdFor,
} from '@gatehouse/chassis';
import { METHODS } from '@gatehouse/contracts';
import { AuthService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import { createAccessTokenVerifier } from '@gatehouse/tokens';
import { createExternalRoutes, type ExternalRoutes } from './compose/external-routes.ts';
import { composeGateway } from './compose/gateway.ts';
import { keepFile } from './compose/live-file.ts';
import { type GatewayConfig, readGatewayConfig } from './config.ts';
import type { GatewayStages } from './decide/stages.ts';
import { readExternalFile } from './file/external-file.ts';
import type { Forwarder } from './forward/grpc/forwarder.ts';
import { createGrpcForwarder } from './forward/grpc/grpc-forwarder.ts';
import { boundHeapGrowth } from './heap.ts';
import { createPassportKey, type PassportKey } from './mint/passport-key.ts';
import { createPages } from './pages/pages.ts';
import { withOwnRoutes } from './route/own-routes.ts';
import type { RouteSet } from './route/route.ts';
import { createRouteTable } from './route/route-table.ts';
import { stages } from './stages.ts';

/** Half of them stay whatever order they come in; each takes about 3 kB. */
const CACHED_TOKENS = 40_000;

/**
 * Builds the gateway of a platform: it listens once everything else is there, and is ready once it has
 * auth's access keys, the revocation feed and a leased passport key.
 *
 * @param ownStages - default: those of `stages.ts`.
 */
export async function buildGateway(
  context: ServiceContext,
  ownStages: GatewayStages = stages,
): Promise<ServiceApp> {
  const { clock, identity, trustDomain } = context;
  const config = readGatewayConfig(context.env);
  const { match, methods } = createRouteTable(METHODS);
  for (const { service } of methods) addressesOf(config.upstreams, service);
  const feed = context.revocations();
  const key = passportKey(context, config);
  feed.onKeyRevoked((kid) => key.revoke(kid));
  const verifier = createAccessTokenVerifier({
    issuer: config.issuer,
    audience: config.audience,
    keys: context.accessKeys(),
    revocations: feed,
    clock,
    cacheEntries: CACHED_TOKENS,
  });
  const { upstreams } = config;
  const listenerAt = composeGateway(context, {
    ...config,
    limit: config.requestLimit,
    own: match,
    pages: createPages({ methods, traceView: config.traceView }),
    external: externalRoutes(context, config),
    verifier,
    feed,
    minting: { key, identity, trustDomain },
    grpc: { forwarder: forwarderTo(context, config), methods, upstreams },
    stages: ownStages,
  });
  return { implementations: [], listeners: config.listen.map(listenerAt) };
}

/** Routes to services that speak plain HTTP: our own, and those of the file where there is one. */
function externalRoutes(context: ServiceContext, config: GatewayConfig): ExternalRoutes {
  const { ca, cert, key } = context.tls.paths;
  const auth = {
    url: config.keysUrl,
    spiffeId: spiffeIdFor(context.trustDomain, 'auth'),
    tls: { ca, cert, key },
  };
  const path = config.gatewayFile;
  const file = path === undefined ? undefined : readExternalFile(path);
  const external = createExternalRoutes(context, withOwnRoutes(file?.routes, auth));
  if (path !== undefined && file !== undefined) {
    const { text, read } = file;
    const take = (next: RouteSet) => external.take(withOwnRoutes(next, auth));
    keepFile(context, { path, text, read, take });
  }
  return external;
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
        log.warn(
          { err: event.cause, retryInMs: event.retryInMs },
          'passport key has no lease, retrying',
        );
      } else if (event.kind === 'registered') {
        log.debug({ kid: event.kid }, 'passport key registered');
      } else if (event.kind === 'replaced') {
        log.info({ kid: event.kid, by: event.by }, 'passport key replaced');
      } else {
        log.warn({ kid: event.kid }, 'passport key revoked, making another');
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
  await runService({ name: 'gateway', build: (context) => buildGateway(context) });
}
