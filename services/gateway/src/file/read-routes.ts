/** The part of the file that every gateway takes: upstreams and routes. */
import { isMap, isScalar, isSeq } from 'yaml';
import type { RouteSet, UpstreamSettings } from '../routes/http-route.ts';
import { createRouteSet } from '../routes/route-set.ts';
import { checkShape } from './check-shape.ts';
import type { ReadingFiles } from './named-files.ts';
import { checkOverlaps, type PlacedRoute, type TakenPath } from './overlaps.ts';
import { inOrder, type Path, type Problem } from './problem.ts';
import { readRoute } from './read-route.ts';
import { checkUpstreamName, readUpstream } from './read-upstream.ts';
import { below, createReport, type Report } from './report.ts';
import { ROUTE } from './schema/route.ts';
import { fill, type Schema } from './schema/schema.ts';
import { UPSTREAM } from './schema/upstream.ts';
import { nodeAt, plainValue, readTree, type Tree } from './tree.ts';

/** A file that was read, or all that is wrong with it. */
export type Reading<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** A file of which the shape was checked; its parts are read one by one. */
export interface OpenFile {
  readonly tree: Tree;
  readonly report: Report;
  readonly files: ReadingFiles;
  /** Whether a value is as the schema says, all the way down. */
  isSound(path: Path): boolean;
  /** All that was found so far, in the order of the file. */
  problems(): readonly Problem[];
}

/** Reads the text as YAML and compares it with its schema. */
export function openFile(text: string, schema: Schema, files: ReadingFiles): OpenFile {
  const tree = readTree(text);
  const shape = tree.root === undefined && tree.problems.length > 0 ? [] : checkShape(tree, schema);
  const report = createReport(tree);
  return {
    tree,
    report,
    files,
    isSound: (path) =>
      !shape.some((problem) => path.every((step, at) => problem.path[at] === step)),
    problems: () => inOrder([...tree.problems, ...shape, ...report.problems]),
  };
}

/** The routes, and where each of them stands. */
export interface RoutesReading {
  readonly set: RouteSet;
  readonly placed: readonly PlacedRoute[];
}

/** @param taken - paths that the file may not claim. */
export function readRoutes(file: OpenFile, taken: readonly TakenPath[]): RoutesReading {
  const names = upstreamNames(file);
  const upstreams = new Map<string, UpstreamSettings>();
  for (const name of names) {
    const path = ['upstreams', name];
    if (!file.isSound(path)) continue;
    const said = fill(UPSTREAM, plainValue(nodeAt(file.tree.root, path)));
    const report = below(file.report, ...path);
    upstreams.set(name, readUpstream(name, said, { files: file.files, report }));
  }
  const placed = readPlaced(file, names);
  checkOverlaps(placed, { report: file.report, taken });
  const routes = placed.map(({ route }) => route);
  return { set: createRouteSet(routes, upstreams), placed };
}

function readPlaced(file: OpenFile, upstreams: readonly string[]): readonly PlacedRoute[] {
  const placed: PlacedRoute[] = [];
  const list = nodeAt(file.tree.root, ['routes']);
  for (const index of isSeq(list) ? list.items.keys() : []) {
    const path = ['routes', index];
    if (!file.isSound(path)) continue;
    const report = below(file.report, ...path);
    const said = fill(ROUTE, plainValue(nodeAt(file.tree.root, path)));
    if (upstreams.length > 0) checkUpstreamName(said.upstream, upstreams, report);
    placed.push({ index, route: readRoute(said, report) });
  }
  return placed;
}

function upstreamNames({ tree }: OpenFile): readonly string[] {
  const map = nodeAt(tree.root, ['upstreams']);
  if (!isMap(map)) return [];
  return map.items.flatMap(({ key }) => (isScalar(key) ? [String(key.value)] : []));
}
