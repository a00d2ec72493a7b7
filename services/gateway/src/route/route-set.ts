import { createPathTree, hostName, type PathRule, type PathTree, parentsOf } from '@gatehouse/wire';
import type { HttpRoute, UpstreamSettings } from './http-route.ts';
import type { RouteSet } from './route.ts';
import { type ExternalRoute, externalRoute } from './route.ts';

/**
 * Builds the set. The host chooses first, and alone: an exact name, else the longest wildcard, else
 * the routes without a host. A host that has routes of its own has these only, so that a path which
 * they leave out is not answered by a rule that was written for others.
 *
 * @param routes - checked: no two with an equal host, verb and path; every upstream is there.
 */
export function createRouteSet(
  routes: readonly HttpRoute[],
  upstreams: ReadonlyMap<string, UpstreamSettings>,
): RouteSet {
  const trees = treesByHost(
    routes.map((route) => externalRoute(route, upstreams.get(route.upstream))),
  );
  const anyHost = trees.get('');
  const treeOf = (host: string | undefined): PathTree<ExternalRoute> | undefined => {
    if (host === undefined || trees.size === (anyHost === undefined ? 0 : 1)) return anyHost;
    const name = hostName(host);
    if (name === undefined) return undefined;
    const exact = trees.get(name);
    if (exact !== undefined) return exact;
    for (const parent of parentsOf(name)) {
      const wildcard = trees.get(`*${parent}`);
      if (wildcard !== undefined) return wildcard;
    }
    return anyHost;
  };
  return Object.freeze({
    match: (host: string | undefined, segments: readonly string[]) => treeOf(host)?.(segments),
    routes: Object.freeze([...routes]),
    upstreams,
  });
}

function treesByHost(
  routes: readonly ExternalRoute[],
): ReadonlyMap<string, PathTree<ExternalRoute>> {
  const byHost = new Map<string, ExternalRoute[]>();
  for (const route of routes) {
    for (const host of route.http.hosts.length === 0 ? [''] : route.http.hosts) {
      const list = byHost.get(host) ?? [];
      list.push(route);
      byHost.set(host, list);
    }
  }
  return new Map([...byHost].map(([host, list]) => [host, createPathTree(list, ruleOf)]));
}

function ruleOf({ http }: ExternalRoute): PathRule {
  return { template: http.template, verbs: http.methods };
}
