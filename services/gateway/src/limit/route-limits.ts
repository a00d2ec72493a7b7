import type { HttpRoute } from '../route/http-route.ts';
import { createRequestLimit, type RequestLimit } from './request-limit.ts';

/** The limit of one route; undefined where it has none. */
export type RouteLimits = (route: HttpRoute) => RequestLimit | undefined;

/** Limits of routes that are not in force any more are evicted when there are so many. */
const MAX_LIMITS = 1000;

/** Makes the limits of routes: by name and figures, so that a reload which changes neither changes no count. */
export function createRouteLimits(): RouteLimits {
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
