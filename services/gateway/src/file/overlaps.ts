/** Routes that answer the same requests. */
import type { HttpRoute } from '../route/http-route.ts';
import { below, type Report } from './report.ts';
import { shapeOf } from './template.ts';

/** A path that is taken already: a contract's, or the gateway's own. */
export interface TakenPath {
  readonly verb: string;
  readonly template: string;
  /** For the message: `gatehouse.board.v1.BoardService/GetPost`. */
  readonly by: string;
}

/** A route and where it stands in the file. */
export interface PlacedRoute {
  readonly index: number;
  readonly route: HttpRoute;
}

/** Reports two routes of one name, and two that match the same verb, host and paths. */
export function checkOverlaps(
  placed: readonly PlacedRoute[],
  { report, taken }: { readonly report: Report; readonly taken: readonly TakenPath[] },
): void {
  const byName = new Map<string, number>();
  const byPlace = new Map<string, PlacedRoute>();
  const byTaken = new Map(taken.map((path) => [placeOf(path.verb, '', path.template), path.by]));
  for (const { index, route } of placed) {
    const at = below(report, 'routes', index);
    const first = byName.get(route.name);
    if (first !== undefined) {
      const line = report.lineOf(['routes', first, 'name']);
      at.add(['name'], `There are two routes "${route.name}": the other is on line ${line}.`);
    } else byName.set(route.name, index);
    const ours = verbsOf(route).find((verb) => byTaken.has(placeOf(verb, '', route.template)));
    if (ours !== undefined) {
      const by = byTaken.get(placeOf(ours, '', route.template));
      at.add(['path'], `${ours} ${route.template} is served by ${by} already.`);
    }
    const other = placesOf(route)
      .map((place) => byPlace.get(place))
      .find(Boolean);
    if (other !== undefined) {
      const line = report.lineOf(['routes', other.index, 'path']);
      at.add(
        ['path'],
        `This matches what "${other.route.name}" on line ${line} matches: same host, path and method.`,
      );
    }
    for (const place of placesOf(route))
      if (!byPlace.has(place)) byPlace.set(place, { index, route });
  }
}

function placesOf(route: HttpRoute): readonly string[] {
  const hosts = route.hosts.length === 0 ? [''] : route.hosts;
  return hosts.flatMap((host) => verbsOf(route).map((verb) => placeOf(verb, host, route.template)));
}

function verbsOf({ methods }: HttpRoute): readonly string[] {
  return methods;
}

function placeOf(verb: string, host: string, template: string): string {
  return `${verb} ${host} ${shapeOf(template)}`;
}
