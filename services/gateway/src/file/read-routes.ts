/** The part of the file that every gateway takes: upstreams and routes. */
import type { UpstreamSettings } from '../route/http-route.ts';
import type { RouteSet } from '../route/route.ts';
import { createRouteSet } from '../route/route-set.ts';
import type { OpenFile } from './open-file.ts';
import { checkOverlaps, type PlacedRoute, type TakenPath } from './overlaps.ts';
import { readRoute } from './read-route.ts';
import { checkUpstreamName, readUpstream } from './read-upstream.ts';
import { below } from './report.ts';

/** The routes, and where each of them stands. */
export interface RoutesReading {
  readonly set: RouteSet;
  readonly placed: readonly PlacedRoute[];
}

/** @param taken - paths that the file may not claim. */
export function readRoutes(file: OpenFile, taken: readonly TakenPath[]): RoutesReading {
  const names = file.steps('upstreams').map(String);
  const upstreams = new Map<string, UpstreamSettings>();
  for (const name of names) {
    const upstream = file.member('upstreams', name);
    if (upstream === undefined) continue;
    const report = below(file.report, 'upstreams', name);
    upstreams.set(name, readUpstream(name, upstream, { files: file.files, report }));
  }
  const placed = readPlaced(file, names);
  checkOverlaps(placed, { report: file.report, taken });
  const routes = placed.map(({ route }) => route);
  return { set: createRouteSet(routes, upstreams), placed };
}

function readPlaced(file: OpenFile, upstreams: readonly string[]): readonly PlacedRoute[] {
  return file.steps('routes').flatMap((step): PlacedRoute[] => {
    const route = file.member('routes', step);
    if (route === undefined) return [];
    const report = below(file.report, 'routes', step);
    if (upstreams.length > 0) checkUpstreamName(route.upstream, upstreams, report);
    return [{ index: Number(step), route: readRoute(route, report) }];
  });
}
