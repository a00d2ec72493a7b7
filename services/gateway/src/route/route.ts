/** What a request can mean: one shape for every kind of route, whatever stands behind it. */
import type { AccessRule, HttpBinding, MethodContract } from '@gatehouse/contracts';
import { createPathTree, type PathMatch, type PathTree } from '@gatehouse/wire';
import type { HttpRoute, UpstreamSettings } from './http-route.ts';
import type { Page } from './page.ts';

/** A method that can be reached at the edge. */
export type RoutedMethod = MethodContract & { readonly http: HttpBinding };

/** What the stages go by. One object for each route for as long as it is in force. */
interface Routed {
  /** The `tctx.method` of its passports: the id of a method, or `http:<name>`. */
  readonly id: string;
  /** What metrics, spans and logs call it. */
  readonly label: string;
  readonly rule: AccessRule;
}

/** A method of a contract: JSON becomes a message, and is sent by gRPC. */
export interface ContractRoute extends Routed {
  readonly backend: 'grpc';
  readonly method: RoutedMethod;
}

/** A route to an external service: the request is passed on by HTTP. */
export interface ExternalRoute extends Routed {
  readonly backend: 'http';
  readonly http: HttpRoute;
  /** Undefined: the set names an upstream that it does not have. */
  readonly upstream: UpstreamSettings | undefined;
}

/** A page of the edge's own. */
export interface PageRoute extends Routed {
  readonly backend: 'page';
  readonly page: Page;
}

/** Finds pages. */
export type PageTree = PathTree<PageRoute>;

export type Route = ContractRoute | ExternalRoute | PageRoute;

/**
 * One reading of the file. It never changes: a reload makes another set, and a request keeps the one
 * that it began with.
 */
export interface RouteSet {
  /**
   * What a request means.
   *
   * @param host - of the request, as sent: its case and port do not matter. Undefined where there is none.
   * @param segments - decoded, as `readTarget` gives them.
   * @returns undefined: there is nothing, or nothing that could be told from something else.
   */
  match(
    host: string | undefined,
    segments: readonly string[],
  ): PathMatch<ExternalRoute> | undefined;
  readonly routes: readonly HttpRoute[];
  readonly upstreams: ReadonlyMap<string, UpstreamSettings>;
}

export function contractRoute(method: RoutedMethod): ContractRoute {
  const { id, rule, http } = method;
  return { backend: 'grpc', id, label: http.template, rule, method };
}

export function externalRoute(
  http: HttpRoute,
  upstream: UpstreamSettings | undefined,
): ExternalRoute {
  const { name, rule } = http;
  return { backend: 'http', id: `http:${name}`, label: name, rule, http, upstream };
}

const ANYONE: AccessRule = Object.freeze({
  subject: 'ANYONE',
  scopes: [],
  roles: [],
  authLevel: 0,
  callers: [],
  carries: [],
  fresh: false,
  ignoreBearer: true,
});

/** Makes the tree of pages. */
export function createPageTree(pages: readonly Page[]): PageTree {
  const routes = pages.map(
    (page): PageRoute => ({
      backend: 'page',
      id: page.route,
      label: page.route,
      rule: ANYONE,
      page,
    }),
  );
  return createPathTree(routes, ({ label }) => ({ template: label, verbs: ['GET'] }));
}
