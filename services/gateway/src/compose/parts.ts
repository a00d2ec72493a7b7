/** What the way of a request on a foreign route stands on. */

import type { LiveConnections } from '../forward/http/live-connections.ts';
import type { UpstreamClient } from '../forward/http/upstream-client.ts';
import type { IdentifyParts } from '../identify/identify.ts';
import type { RequestLimit } from '../limit/request-limit.ts';
import type { AdmitParts } from '../mint/admit.ts';
import type { HttpObserver } from '../observe/http-observer.ts';
import type { TrustedProxies } from '../receive/client-address.ts';
import type { Cors } from '../receive/cors.ts';
import type { HttpRoute, RouteSet } from '../route/http-route.ts';

/** What is in force: swapped whole by a reload, while a request keeps what it began with. */
export interface LiveConfig {
  readonly set: RouteSet;
  readonly upstreams: { client(name: string): UpstreamClient };
}

export interface ProxyParts {
  /** Asked once for each request; undefined: there are no foreign routes. */
  readonly config: () => LiveConfig | undefined;
  /** Whether a contract has the path: then no foreign route does. */
  readonly isOurs: (segments: readonly string[]) => boolean;
  readonly observer: HttpObserver;
  readonly proxies: TrustedProxies;
  readonly cors: Cors;
  readonly limit: RequestLimit;
  /** The limit of one route; undefined where it has none. It outlives a reload that keeps it. */
  readonly routeLimit: (route: HttpRoute) => RequestLimit | undefined;
  readonly identifying: IdentifyParts;
  readonly admitting: AdmitParts;
  readonly live: LiveConnections;
}
