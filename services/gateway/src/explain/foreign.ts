/** Routes to services that are not ours, as `explain` and `routes` tell of them. */
import type { HttpPath, HttpRoute, RouteSet } from '../routes/http-route.ts';
import { templateVariables } from '../routes/path-tree.ts';
import type { Route } from './route.ts';

/** What a request comes to on a foreign route. */
export interface ForeignMatch {
  readonly path: HttpPath;
  variables(route: HttpRoute): Readonly<Record<string, string>>;
}

/** @param host - undefined: the request is for any host. */
export function findForeign(
  set: RouteSet | undefined,
  host: string | undefined,
  segments: readonly string[],
): ForeignMatch | undefined {
  const path = set?.match(host, segments);
  if (path === undefined) return undefined;
  return { path, variables: ({ template }) => templateVariables(template, segments) };
}

/** One line for each verb. */
export function foreignRoutes(set: RouteSet | undefined): readonly Route[] {
  if (set === undefined) return [];
  return set.routes.flatMap((route) => route.methods.map((verb) => foreignRoute(set, route, verb)));
}

export function foreignRoute({ upstreams }: RouteSet, route: HttpRoute, verb: string): Route {
  const { template, name, upstream, hosts, rule } = route;
  const addresses = upstreams.get(upstream)?.addresses ?? [];
  return {
    verb,
    path: template,
    method: `http:${name}`,
    service: upstream,
    upstream: addresses.map(
      ({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`,
    ),
    hosts,
    rule,
  };
}
