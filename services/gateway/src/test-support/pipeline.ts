import { createLogger, type StartOptions, startTelemetry } from '@gatehouse/chassis';
import { METHODS } from '@gatehouse/contracts';
import { createTestClock, createTestIssuer } from '@gatehouse/testing';
import { createAccessTokenVerifier, generateSigningKey } from '@gatehouse/tokens';
import type { PipelineParts } from '../compose/parts.ts';
import { createPipeline } from '../compose/pipeline.ts';
import type { Forwarder } from '../forward/grpc/forwarder.ts';
import { createLiveConnections } from '../forward/http/live-connections.ts';
import { createUpstreams } from '../forward/http/upstreams.ts';
import { createFailureLimit } from '../identify/failure-limit.ts';
import { createRequestLimit } from '../limit/request-limit.ts';
import { createPassportCache } from '../mint/passport-cache.ts';
import { createObserver } from '../observe/observer.ts';
import { createPages } from '../pages/pages.ts';
import { trustedProxies } from '../receive/client-address.ts';
import { createCors } from '../receive/cors.ts';
import type { RouteSet } from '../route/route.ts';
import { createRouteSet } from '../route/route-set.ts';
import { createRouteTable } from '../route/route-table.ts';
import { createRouter } from '../route/router.ts';

export const clock = createTestClock();
export const issuer = createTestIssuer({ clock });

const IDENTITY = 'spiffe://gatehouse.local/gateway';
const TRUST_DOMAIN = 'gatehouse.local';

/** What was revoked, as the feed would say. */
export interface Revoked {
  sid?: string;
}

/** What a pipeline under test is made of; the rest is as in a platform. */
export interface TestPipelineOptions {
  /** Default: contracts call nobody. */
  readonly forward?: Forwarder['forward'];
  /** Default: no external routes. */
  readonly external?: RouteSet;
  readonly revoked?: Revoked;
  readonly parts?: Partial<PipelineParts>;
  readonly spanProcessors?: StartOptions['spanProcessors'];
}

/** The whole pipeline, of the platform's contracts, pages and some external routes. */
export function testPipeline(options: TestPipelineOptions = {}) {
  const { external = createRouteSet([], new Map()), revoked = {}, spanProcessors } = options;
  const verifier = createAccessTokenVerifier({
    issuer: 'http://127.0.0.1:8091',
    audience: 'https://edge.gatehouse.local',
    keys: issuer.accessKeys,
    revocations: { isRevoked: ({ sid }) => sid === revoked.sid },
    clock,
  });
  const upstreams = createUpstreams();
  upstreams.update(external.upstreams);
  const live = createLiveConnections({ verifier, clock, isBlind: () => false });
  const lines: string[] = [];
  const log = createLogger({
    name: 'gateway',
    level: 'info',
    destination: { write: (line) => void lines.push(line) },
  });
  const telemetry = startTelemetry({
    name: 'gateway',
    ...(spanProcessors === undefined ? {} : { spanProcessors }),
  });
  const observer = createObserver({ telemetry, log });
  const { match: own, methods } = createRouteTable(METHODS);
  const proxies = options.parts?.proxies ?? trustedProxies([]);
  const signer = generateSigningKey('ES256');
  const stages = options.parts?.stages ?? { beforeDecision: [], onResponse: [] };
  const handle = createPipeline({
    observer,
    proxies,
    cors: createCors([]),
    limit: createRequestLimit({ perSecond: 10_000, burst: 0 }),
    router: createRouter({
      own,
      external: () => external,
      pages: createPages({ methods, traceView: undefined }),
    }),
    routeLimits: () => undefined,
    identifying: {
      verifier,
      failures: createFailureLimit(),
      feed: { ready: true, ageMs: () => 0 },
    },
    stages,
    deciding: { identity: IDENTITY, trustDomain: TRUST_DOMAIN, isStale: () => false },
    minting: {
      key: { signer: () => signer },
      passports: createPassportCache(clock),
      identity: IDENTITY,
      trustDomain: TRUST_DOMAIN,
      clock,
    },
    grpc: {
      forwarder: {
        forward: options.forward ?? (() => Promise.reject(new Error('nothing is called'))),
        close: () => Promise.resolve(),
      },
      verifier,
    },
    http: { upstreams, proxies, live, responseStages: stages.onResponse },
    ...options.parts,
  });
  const close = async (): Promise<void> => {
    live.endAll();
    live.close();
    await upstreams.close(0);
    await telemetry.close();
  };
  return { handle, observer, live, lines, verifier, telemetry, close };
}
