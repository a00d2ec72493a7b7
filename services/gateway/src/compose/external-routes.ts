/** The routes to external services, and the upstreams behind them, as they are in force. */
import type { StandaloneContext } from '@gatehouse/chassis/standalone';
import type { UpstreamState } from '../forward/http/upstream-client.ts';
import { createUpstreams } from '../forward/http/upstreams.ts';
import { observeUpstreams } from '../observe/upstreams.ts';
import type { RouteSet } from '../route/route.ts';

/** What is in force, and how it is changed. */
export interface ExternalRoutes {
  /** Swapped whole by a reload, while a request keeps the route that it began with. */
  current(): RouteSet;
  readonly upstreams: ReturnType<typeof createUpstreams>;
  /**
   * Takes another set, whole. Upstreams that did not change keep their connections; requests under way
   * end with what they began with.
   *
   * @throws Error when an upstream's TLS files cannot be read; then nothing changes.
   */
  take(set: RouteSet): void;
  states(): readonly UpstreamState[];
}

const UPSTREAM_GRACE_MS = 1000;

/** Puts a first set in force. `GET /upstreams` at the admin port tells how each endpoint is. */
export function createExternalRoutes(
  context: Pick<StandaloneContext, 'adminRoute' | 'onClose' | 'telemetry'>,
  first: RouteSet,
): ExternalRoutes {
  const upstreams = createUpstreams();
  upstreams.update(first.upstreams);
  let current = first;
  const states = () => upstreams.states();
  context.onClose(() => upstreams.close(UPSTREAM_GRACE_MS));
  observeUpstreams(context, states);
  const respond = () => ({ upstreams: states() });
  context.adminRoute({ verb: 'GET', path: '/upstreams', respond });
  return {
    current: () => current,
    upstreams,
    take: (set) => {
      upstreams.update(set.upstreams);
      current = set;
    },
    states,
  };
}
