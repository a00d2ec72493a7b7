/** Routes to services that are not ours, as `explain` and `routes` tell of them. */
import { type PathMatch, variablesOf } from '@gatehouse/wire';
import type { UpstreamState } from '../forward/http/upstream-client.ts';
import type { HttpRoute, RouteSet } from '../route/http-route.ts';
import type { Route } from './route.ts';

/** What is in force, and how the upstreams are. */
export interface Foreign {
  current(): { readonly set: RouteSet };
  states(): readonly UpstreamState[];
}

/** What a request comes to on a foreign route. */
export interface ForeignMatch {
  readonly path: PathMatch<HttpRoute>;
  variables(route: HttpRoute): Readonly<Record<string, string>>;
  describe(route: HttpRoute, verb: string): Route;
}

/** @param host - undefined: the request is for any host. */
export function findForeign(
  foreign: Foreign | undefined,
  host: string | undefined,
  segments: readonly string[],
): ForeignMatch | undefined {
  const path = foreign?.current().set.match(host, segments);
  if (foreign === undefined || path === undefined) return undefined;
  const describe = describer(foreign);
  return { path, variables: ({ template }) => variablesOf(template)(segments), describe };
}

/** One for each verb. */
export function foreignRoutes(foreign: Foreign | undefined): readonly Route[] {
  if (foreign === undefined) return [];
  const describe = describer(foreign);
  const { routes } = foreign.current().set;
  return routes.flatMap((route) => route.methods.map((verb) => describe(route, verb)));
}

/** An address says how it is, unless it is well. */
function describer(foreign: Foreign): ForeignMatch['describe'] {
  const states = new Map(
    foreign
      .states()
      .map(({ name, addresses }) => [
        name,
        addresses.map(({ address, health }) =>
          health === 'up' ? address : `${address} (${health})`,
        ),
      ]),
  );
  return ({ template, name, upstream, hosts, rule }, verb) => ({
    verb,
    path: template,
    method: `http:${name}`,
    service: upstream,
    upstream: states.get(upstream) ?? [],
    hosts,
    rule,
  });
}
