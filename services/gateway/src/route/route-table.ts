/** Which method a path means, as the contracts say. What is not here is denied. */
import type { MethodContract } from '@gatehouse/contracts';
import { createPathTree, type PathTree } from '@gatehouse/wire';
import { type ContractRoute, contractRoute, type RoutedMethod } from './route.ts';

/** Finds what a path means. */
export interface RouteTable {
  /** @returns undefined for a path that no contract has. A trailing slash is another path. */
  readonly match: PathTree<ContractRoute>;
  readonly methods: readonly RoutedMethod[];
}

/**
 * Builds the table. A literal segment wins over a variable, segment by segment from the left; where
 * the literal leads nowhere the variable is tried: `/users/me` and `/users/{id}/roles` can stand
 * side by side.
 *
 * @throws Error naming the method whose verb and path another has, or whose path differs from
 * another's in the names of its variables only.
 */
export function createRouteTable(methods: readonly MethodContract[]): RouteTable {
  const routed = methods.filter((method): method is RoutedMethod => method.http !== undefined);
  checkPaths(routed);
  const match = createPathTree(routed.map(contractRoute), ({ method: { http } }) => ({
    template: http.template,
    verbs: [http.verb],
  }));
  return { methods: routed, match };
}

function checkPaths(routed: readonly RoutedMethod[]): void {
  const templates = new Map<string, string>();
  const ids = new Map<string, string>();
  for (const { id, http } of routed) {
    const { verb, template } = http;
    const path = template.replace(/\{[^}]*\}/g, '{}');
    const other = ids.get(`${verb} ${path}`);
    if (other !== undefined) throw new Error(`${id} and ${other} both answer ${verb} ${template}`);
    const called = templates.get(path) ?? template;
    if (called !== template) {
      throw new Error(`${id}: ${template} is also called ${called}; use the same names`);
    }
    templates.set(path, template);
    ids.set(`${verb} ${path}`, id);
  }
}
