import type { PathMatch, PathTree } from '@gatehouse/wire';
import type { PageTree, Route, RouteSet } from './route.ts';

/** Where routes are looked for, in this order. */
export interface RouterParts {
  /** What no external route may take: the contracts, or a page that others rely on. */
  readonly own: PathTree<Route>;
  /** The set in force: asked once for each request. */
  readonly external: () => RouteSet;
  /** What the edge shows to people, where nothing else has the path. */
  readonly pages: PageTree;
}

/**
 * Finds what a request means.
 *
 * @param host - of the request, as sent; undefined where there is none.
 * @param segments - of the path, decoded.
 * @returns undefined: there is nothing at this path.
 */
export type Router = (
  host: string | undefined,
  segments: readonly string[],
) => PathMatch<Route> | undefined;

/** Makes the one match of a request. A path that is found in one place is not looked for in the next. */
export function createRouter({ own, external, pages }: RouterParts): Router {
  return (host, segments) => own(segments) ?? external().match(host, segments) ?? pages(segments);
}
