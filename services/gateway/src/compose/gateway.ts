/** The gateway, put together: one composition, of a platform's gateway and of a standalone one. */
import type { StandaloneContext } from '@gatehouse/chassis/standalone';
import type { Verifier } from '@gatehouse/tokens';
import type { GatewayStages } from '../decide/stages.ts';
import { explainRoutes } from '../explain/explain.ts';
import type { Forwarder } from '../forward/grpc/forwarder.ts';
import { createLiveConnections } from '../forward/http/live-connections.ts';
import type { EdgeClaims } from '../identify/edge-claims.ts';
import { createFailureLimit } from '../identify/failure-limit.ts';
import { type IdentifyParts, isBlind } from '../identify/identify.ts';
import { createRequestLimit, type RequestLimitOptions } from '../limit/request-limit.ts';
import { createRouteLimits } from '../limit/route-limits.ts';
import type { MintParts } from '../mint/mint.ts';
import { createPassportCache } from '../mint/passport-cache.ts';
import { createObserver } from '../observe/observer.ts';
import type { TrustedProxies } from '../receive/client-address.ts';
import type { ConnectionLimits } from '../receive/connection-limit.ts';
import { createCors } from '../receive/cors.ts';
import type { RoutedMethod } from '../route/route.ts';
import { createRouter, type RouterParts } from '../route/router.ts';
import type { ExternalRoutes } from './external-routes.ts';
import { type EdgeListener, edgeListener, type ListenAt, type ListenParts } from './listen.ts';
import { createPipeline } from './pipeline.ts';

/** What one gateway has, and another has otherwise. */
export interface GatewayInputs {
  readonly proxies: TrustedProxies;
  readonly corsOrigins: readonly string[];
  readonly limit: RequestLimitOptions;
  readonly connections: Omit<ConnectionLimits, 'proxies'>;
  /** Contracts, or pages that others rely on. */
  readonly own: RouterParts['own'];
  readonly pages: RouterParts['pages'];
  readonly external: ExternalRoutes;
  readonly verifier: Verifier<EdgeClaims>;
  /** Of revocations. */
  readonly feed: IdentifyParts['feed'] & { readonly stale: boolean };
  readonly minting: Omit<MintParts, 'passports' | 'clock'>;
  readonly grpc: {
    readonly forwarder: Forwarder;
    readonly methods: readonly RoutedMethod[];
    /** Service name → `host:port` of each replica. */
    readonly upstreams: ReadonlyMap<string, readonly string[]>;
  };
  readonly stages: GatewayStages;
}

/**
 * Puts the stages of the pipeline together and adds `GET /routes` and `POST /explain` to the admin port.
 *
 * @returns makes the listener of a place, to be started when all else is there; throws Error when the
 * certificate of the edge is invalid.
 */
export function composeGateway(
  context: StandaloneContext,
  inputs: GatewayInputs,
): (at: ListenAt) => EdgeListener {
  const { clock, log, telemetry } = context;
  const { external, feed, grpc, proxies, verifier, minting } = inputs;
  const observer = createObserver({ telemetry, log });
  const live = createLiveConnections({ verifier, clock, isBlind: () => isBlind(feed) });
  context.onClose(async () => live.close());
  const { identity, trustDomain } = minting;
  const deciding = { identity, trustDomain, isStale: () => feed.stale };
  const identifying = { verifier, failures: createFailureLimit({ proxies }), feed };
  const router = createRouter({ ...inputs, external: () => external.current() });
  const explained = { router, identifying, deciding, external, ...grpc };
  for (const route of explainRoutes(explained)) context.adminRoute(route);
  const handle = createPipeline({
    observer,
    proxies,
    cors: createCors(inputs.corsOrigins),
    limit: createRequestLimit(inputs.limit),
    router,
    routeLimits: createRouteLimits(),
    identifying,
    stages: inputs.stages,
    deciding,
    minting: { ...minting, clock, passports: createPassportCache(clock) },
    grpc: { forwarder: grpc.forwarder, verifier },
    http: {
      upstreams: external.upstreams,
      proxies,
      live,
      responseStages: inputs.stages.onResponse,
    },
  });
  const listening: ListenParts = {
    handle,
    wireFault: (error, address) => observer.wireFault({ error, headers: {} }, address),
    onConnectionRefused: observer.connectionRefused,
    connections: { ...inputs.connections, proxies },
    live,
  };
  return (at) => edgeListener(context, listening, at);
}
