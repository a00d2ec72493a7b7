import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import { createLogger, startTelemetry } from '@gatehouse/chassis';
import { createTestClock, createTestIssuer } from '@gatehouse/testing';
import { createAccessTokenVerifier, generateSigningKey } from '@gatehouse/tokens';
import type { ProxyParts } from '../compose/parts.ts';
import { createProxy } from '../compose/proxy.ts';
import { createLiveConnections } from '../forward/http/live-connections.ts';
import { createUpstreams } from '../forward/http/upstreams.ts';
import { createFailureLimit } from '../identify/failure-limit.ts';
import { createRequestLimit } from '../limit/request-limit.ts';
import { createKnownCallers } from '../mint/known-callers.ts';
import { createHttpObserver } from '../observe/http-observer.ts';
import { trustedProxies } from '../receive/client-address.ts';
import { createCors } from '../receive/cors.ts';
import { failureOf, problemAnswer } from '../receive/problem.ts';
import { createReceiver, type ReceiverOptions } from '../receive/receiver.ts';
import { TAKEN } from '../receive/seam.ts';
import type { HttpRoute } from '../route/http-route.ts';
import { createRouteSet } from '../route/route-set.ts';
import { httpRoute, upstreamSettings } from './http-route.ts';
import type { MakeReceiver } from './transports.ts';

export const clock = createTestClock();
export const issuer = createTestIssuer({ clock });

/** What was withdrawn, as the news would say. */
export interface Withdrawn {
  sid?: string;
}

/** A listening edge with foreign routes alone, in front of one upstream. */
export async function proxyEdge(
  t: TestContext,
  upstreamPort: number,
  options: {
    readonly routes?: readonly Partial<HttpRoute>[];
    readonly parts?: Partial<ProxyParts>;
    readonly receiver?: Partial<ReceiverOptions>;
    readonly withdrawn?: Withdrawn;
    readonly make?: MakeReceiver;
  } = {},
) {
  const { withdrawn = {}, make = createReceiver } = options;
  const verifier = createAccessTokenVerifier({
    issuer: 'http://127.0.0.1:8091',
    audience: 'https://edge.gatehouse.local',
    keys: issuer.accessKeys,
    revocations: { isRevoked: ({ sid }) => sid === withdrawn.sid },
    clock,
  });
  const routes = (options.routes ?? [{}]).map((route) => httpRoute(route));
  const addresses = [{ host: '127.0.0.1', port: upstreamPort }];
  const set = createRouteSet(routes, new Map([['app', upstreamSettings({ addresses })]]));
  const upstreams = createUpstreams();
  upstreams.update(set.upstreams);
  const signer = generateSigningKey('ES256');
  const live = createLiveConnections({ verifier, clock, isBlind: () => false });
  const lines: string[] = [];
  const log = createLogger({
    name: 'gateway',
    level: 'info',
    destination: { write: (line) => void lines.push(line) },
  });
  const telemetry = startTelemetry({ name: 'gateway' });
  const proxy = createProxy({
    config: () => ({ set, upstreams }),
    isOurs: () => false,
    observer: createHttpObserver({ telemetry, log }),
    proxies: trustedProxies([]),
    cors: createCors([]),
    limit: createRequestLimit({ perSecond: 10_000, burst: 0 }),
    routeLimit: () => undefined,
    identifying: {
      verifier,
      failures: createFailureLimit(),
      feed: { ready: true, ageMs: () => 0 },
    },
    admitting: {
      minting: {
        key: { signer: () => signer },
        identity: 'spiffe://gatehouse.local/gateway',
        trustDomain: 'gatehouse.local',
        clock,
      },
      callers: createKnownCallers(() => clock.nowMs()),
      newsStale: () => false,
    },
    live,
    ...options.parts,
  });
  const receiver = make({
    host: '127.0.0.1',
    port: 0,
    handle: (incoming, outgoing) =>
      proxy(incoming, outgoing)
        ? TAKEN
        : Promise.resolve(
            problemAnswer(
              failureOf(new Error('not a foreign route')),
              randomBytes(4).toString('hex'),
            ),
          ),
    wireFault: (error) => problemAnswer({ error, headers: {} }, 'trace'),
    settleMs: 0,
    ...options.receiver,
  });
  const port = await receiver.start();
  t.after(async () => {
    live.endAll();
    live.close();
    await receiver.stop(0);
    await upstreams.close(0);
    await telemetry.close();
  });
  return { port, receiver, live, lines, verifier };
}
