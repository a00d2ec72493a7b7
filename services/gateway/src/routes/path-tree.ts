/** The paths of one host. */
import type { HttpPath, HttpRoute } from './http-route.ts';

/** A place in the tree: what has been read of a path so far. */
interface Node {
  readonly literals: Map<string, Node>;
  /** The literals as one that does not care about case would read them. */
  readonly folded: Set<string>;
  variable?: Node;
  /** Where `{path=**}` begins. */
  rest?: Ending;
  ending?: Ending;
}

/** Where a template ends. */
interface Ending {
  readonly routes: HttpRoute[];
  path?: HttpPath;
}

/** Something was found that another reader might take for something else. */
const AMBIGUOUS = Symbol('ambiguous');
type Found = Ending | typeof AMBIGUOUS | undefined;

/** Finds the path of segments. */
export type PathTree = (segments: readonly string[]) => HttpPath | undefined;

const VARIABLE = /^\{[^=}]+\}$/;
const REST = /^\{[^=}]+=\*\*\}$/;

/**
 * Builds the tree. Segment by segment from the left a literal wins over a variable, and that over a
 * rest; where one leads nowhere the next is tried.
 *
 * Nothing is found where many a framework would see another route than the one that is left: where a
 * segment is a literal but for its case, and where a path is another route's but for the slash at its
 * end. (Express takes `/Admin` and `/admin/` for `/admin`.)
 *
 * @param routes - of one host; no two with an equal verb and path.
 */
export function createPathTree(routes: readonly HttpRoute[]): PathTree {
  const root = emptyNode();
  for (const route of routes) addRoute(root, route);
  freeze(root);
  return (segments) => {
    const found = find(root, segments, 0);
    return found === AMBIGUOUS ? undefined : found?.path;
  };
}

function addRoute(root: Node, route: HttpRoute): void {
  let node = root;
  for (const segment of templateSegments(route.template)) {
    if (REST.test(segment)) {
      node.rest ??= { routes: [] };
      node.rest.routes.push(route);
      return;
    }
    node = VARIABLE.test(segment) ? variableOf(node) : literalOf(node, segment);
  }
  node.ending ??= { routes: [] };
  node.ending.routes.push(route);
}

/** The segments of a template; `/` has none. */
function templateSegments(template: string): readonly string[] {
  return template === '/' ? [] : template.slice(1).split('/');
}

/**
 * What stands for each variable of a template in a path that it matched. A rest is joined by slashes,
 * for people to read.
 */
export function templateVariables(
  template: string,
  segments: readonly string[],
): Readonly<Record<string, string>> {
  const pairs: [string, string][] = [];
  for (const [index, segment] of templateSegments(template).entries()) {
    const name = segment.slice(1, -1).replace('=**', '');
    if (REST.test(segment)) pairs.push([name, segments.slice(index).join('/')]);
    else if (VARIABLE.test(segment)) pairs.push([name, segments[index] ?? '']);
  }
  return Object.fromEntries(pairs);
}

function find(node: Node, segments: readonly string[], index: number): Found {
  const segment = segments[index];
  if (segment === undefined) return atEnd(node);
  const literal = node.literals.get(segment);
  if (literal !== undefined) {
    const found = find(literal, segments, index + 1);
    if (found !== undefined) return found;
  } else if (isAlmost(node, segment)) {
    return AMBIGUOUS;
  }
  if (node.variable !== undefined && segment !== '') {
    const found = find(node.variable, segments, index + 1);
    if (found !== undefined) return found;
  }
  return node.rest;
}

function atEnd(node: Node): Found {
  if (node.ending !== undefined) return node.ending;
  return node.literals.get('')?.ending === undefined ? node.rest : AMBIGUOUS;
}

/** A literal but for its case, or the end of a template but for a slash. */
function isAlmost({ ending, folded }: Node, segment: string): boolean {
  if (segment === '') return ending !== undefined;
  return folded.size > 0 && folded.has(fold(segment));
}

// Also what upper case makes alike (the long s), and full-width letters.
function fold(segment: string): string {
  return segment.normalize('NFKC').toUpperCase().toLowerCase();
}

function literalOf(node: Node, segment: string): Node {
  const known = node.literals.get(segment);
  if (known !== undefined) return known;
  const made = emptyNode();
  node.literals.set(segment, made);
  node.folded.add(fold(segment));
  return made;
}

function variableOf(node: Node): Node {
  node.variable ??= emptyNode();
  return node.variable;
}

function emptyNode(): Node {
  return { literals: new Map(), folded: new Set() };
}

function freeze(node: Node): void {
  for (const ending of [node.ending, node.rest]) {
    if (ending !== undefined) ending.path = pathOf(ending.routes);
  }
  for (const inner of node.literals.values()) freeze(inner);
  if (node.variable !== undefined) freeze(node.variable);
}

function pathOf(routes: readonly HttpRoute[]): HttpPath {
  const byVerb = new Map<string, HttpRoute>();
  for (const route of routes) {
    for (const verb of route.methods) byVerb.set(verb, route);
  }
  const get = byVerb.get('GET');
  if (get !== undefined && !byVerb.has('HEAD')) byVerb.set('HEAD', get);
  const allow = [...new Set([...byVerb.keys(), 'OPTIONS'])].join(', ');
  return Object.freeze({ template: routes[0]?.template ?? '', byVerb, allow });
}
