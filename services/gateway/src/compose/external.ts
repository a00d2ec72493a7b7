/** The way to services that are not ours, put together from the parts of the gateway. */
import type { ServiceContext } from '@gatehouse/chassis';
import { createLiveConnections, type LiveConnections } from '../forward/http/live-connections.ts';
import { isBlind } from '../identify/identify.ts';
import { createRequestLimit, type RequestLimit } from '../limit/request-limit.ts';
import { createKnownCallers } from '../mint/known-callers.ts';
import { createHttpObserver } from '../observe/http-observer.ts';
import type { HttpRoute } from '../route/http-route.ts';
import type { ProxyParts } from './parts.ts';
import { createProxy, type HttpProxy } from './proxy.ts';

/** Limits of routes that are not in force any more are forgotten when there are so many. */
const MAX_LIMITS = 1000;

/** What the gateway has anyway. */
export type ForeignParts = Pick<
  ProxyParts,
  'config' | 'isOurs' | 'proxies' | 'cors' | 'limit' | 'identifying'
> & { readonly minting: ProxyParts['admitting']['minting']; readonly newsStale: () => boolean };

/** @returns the proxy, and what lives longer than a request and has to be ended with the gateway. */
export function createForeign(
  { clock, telemetry, log }: Pick<ServiceContext, 'clock' | 'telemetry' | 'log'>,
  parts: ForeignParts,
): { readonly proxy: HttpProxy; readonly live: LiveConnections } {
  const { minting, newsStale, identifying } = parts;
  const { verifier, feed } = identifying;
  const live = createLiveConnections({ verifier, clock, isBlind: () => isBlind(feed) });
  const callers = createKnownCallers(() => clock.nowMs());
  const proxy = createProxy({
    ...parts,
    observer: createHttpObserver({ telemetry, log }),
    routeLimit: createRouteLimits(),
    admitting: { minting, callers, newsStale },
    live,
  });
  return { proxy, live };
}

/** By name and figures, so that a reload which changes neither changes no count. */
function createRouteLimits(): ProxyParts['routeLimit'] {
  const byKey = new Map<string, RequestLimit>();
  const byRoute = new WeakMap<HttpRoute, RequestLimit>();
  return (route) => {
    if (route.limit === undefined) return undefined;
    const known = byRoute.get(route);
    if (known !== undefined) return known;
    const key = `${route.limit.perSecond} ${route.limit.burst} ${route.name}`;
    const limit = byKey.get(key) ?? createRequestLimit(route.limit);
    if (byKey.size >= MAX_LIMITS) byKey.clear();
    byKey.set(key, limit);
    byRoute.set(route, limit);
    return limit;
  };
}
