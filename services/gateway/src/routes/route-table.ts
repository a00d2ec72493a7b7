/** Which method a path means, as the contracts say. What is not here is denied. */
import type { HttpBinding, MethodContract } from '@gatehouse/contracts';

/** A method that can be reached at the edge. */
export type RoutedMethod = MethodContract & { readonly http: HttpBinding };

/** What a path means. */
export interface PathMatch {
  /** By verb; `HEAD` is where `GET` is. */
  readonly methods: ReadonlyMap<string, RoutedMethod>;
  /** Field name of the request message → decoded segment. */
  readonly variables: Readonly<Record<string, string>>;
  /** The path with its variables unfilled, for spans, logs and metrics. */
  readonly template: string;
  /** The value of `Allow`: verbs of the path, `OPTIONS` included. */
  readonly allow: string;
}

/** Finds what a path means. */
export interface RouteTable {
  /** @returns undefined for a path that no contract has. A trailing slash is another path. */
  match(segments: readonly string[]): PathMatch | undefined;
  readonly methods: readonly RoutedMethod[];
}

interface Node {
  readonly literals: Map<string, Node>;
  variable?: Node;
  readonly methods: Map<string, RoutedMethod>;
  /** Empty until a method ends here. */
  template: string;
  /** Of the variables above, from the left. */
  names: readonly string[];
}

const VARIABLE = /^\{(.+)\}$/;

/**
 * Builds the table. A literal segment wins over a variable, segment by segment from the left; where
 * the literal leads nowhere the variable is tried: `/users/me` and `/users/{id}/roles` can stand
 * side by side.
 *
 * @throws Error naming the method whose verb and path another has, or whose path differs from
 * another's in the names of its variables only.
 */
export function createRouteTable(methods: readonly MethodContract[]): RouteTable {
  const root = emptyNode();
  const routed = methods.filter((method): method is RoutedMethod => method.http !== undefined);
  for (const method of routed) addRoute(root, method);
  return {
    methods: routed,
    match: (segments) => {
      const values: string[] = [];
      const node = find({ node: root, segments, index: 0, values });
      return node === undefined ? undefined : matchOf(node, values);
    },
  };
}

function addRoute(root: Node, method: RoutedMethod): void {
  const names: string[] = [];
  let node = root;
  for (const segment of method.http.template.slice(1).split('/')) {
    const name = VARIABLE.exec(segment)?.[1];
    if (name === undefined) {
      node = child(node.literals, segment);
    } else {
      names.push(name);
      node.variable ??= emptyNode();
      node = node.variable;
    }
  }
  placeMethod(node, method, names);
}

function placeMethod(node: Node, method: RoutedMethod, names: readonly string[]): void {
  const { verb, template } = method.http;
  const taken = node.methods.get(verb);
  if (taken !== undefined) {
    throw new Error(`${method.id} and ${taken.id} both answer ${verb} ${template}`);
  }
  if (node.template !== '' && node.template !== template) {
    throw new Error(
      `${method.id}: ${template} is also called ${node.template}; use the same names`,
    );
  }
  node.template = template;
  node.names = names;
  node.methods.set(verb, method);
  if (verb === 'GET') node.methods.set('HEAD', method);
}

function find(at: {
  readonly node: Node;
  readonly segments: readonly string[];
  readonly index: number;
  readonly values: string[];
}): Node | undefined {
  const { node, segments, index, values } = at;
  const segment = segments[index];
  if (segment === undefined) return node.methods.size > 0 ? node : undefined;
  const literal = node.literals.get(segment);
  const found = literal && find({ ...at, node: literal, index: index + 1 });
  if (found !== undefined) return found;
  if (node.variable === undefined || segment === '') return undefined;
  values.push(segment);
  const inner = find({ ...at, node: node.variable, index: index + 1 });
  if (inner === undefined) values.pop();
  return inner;
}

function matchOf(node: Node, values: readonly string[]): PathMatch {
  return {
    methods: node.methods,
    variables: Object.fromEntries(node.names.map((name, index) => [name, values[index] ?? ''])),
    template: node.template,
    allow: [...node.methods.keys(), 'OPTIONS'].join(', '),
  };
}

function child(children: Map<string, Node>, key: string): Node {
  const known = children.get(key);
  if (known !== undefined) return known;
  const made = emptyNode();
  children.set(key, made);
  return made;
}

function emptyNode(): Node {
  return { literals: new Map(), methods: new Map(), template: '', names: [] };
}
