/** Routes as `explain` and `routes` tell of them, whatever stands behind them. */
import type { AccessRule } from '@gatehouse/contracts';
import type { UpstreamState } from '../forward/http/upstream-client.ts';
import type { RouteSet } from '../route/route.ts';
import { contractRoute, externalRoute, type Route, type RoutedMethod } from '../route/route.ts';

/** A route that can be reached at the edge. */
export interface DescribedRoute {
  readonly verb: string;
  readonly path: string;
  readonly method: string;
  readonly service: string;
  readonly upstream: readonly string[];
  /** Of an external route; empty: any host. */
  readonly hosts?: readonly string[];
  readonly rule: AccessRule;
}

/** What is in force, and how it is behind it. */
export interface Described {
  readonly methods: readonly RoutedMethod[];
  /** Service name → `host:port` of each replica. */
  readonly upstreams: ReadonlyMap<string, readonly string[]>;
  readonly external: {
    current(): RouteSet;
    states(): readonly UpstreamState[];
  };
}

/** One for each verb: the contracts', then the external ones. */
export function describeRoutes(parts: Described): readonly DescribedRoute[] {
  const { routes, upstreams } = parts.external.current();
  return [
    ...parts.methods.map((method) => describeRoute(parts, contractRoute(method), method.http.verb)),
    ...routes.flatMap((route) => {
      const external = externalRoute(route, upstreams.get(route.upstream));
      return route.methods.map((verb) => describeRoute(parts, external, verb));
    }),
  ];
}

export function describeRoute(parts: Described, route: Route, verb: string): DescribedRoute {
  const { id, rule } = route;
  if (route.backend === 'page') {
    return { verb, path: id, method: 'page', service: 'gateway', upstream: [], rule };
  }
  if (route.backend === 'http') {
    const { template: path, upstream: service, hosts } = route.http;
    return { verb, path, method: id, service, upstream: endpoints(parts, service), hosts, rule };
  }
  const { service, http } = route.method;
  const upstream = parts.upstreams.get(service) ?? [];
  return { verb: http.verb, path: http.template, method: id, service, upstream, rule };
}

/** An endpoint says how it is, unless it is well. */
function endpoints({ external }: Described, upstream: string): readonly string[] {
  const state = external.states().find(({ name }) => name === upstream);
  return (state?.addresses ?? []).map(({ address, health }) =>
    health === 'up' ? address : `${address} (${health})`,
  );
}
