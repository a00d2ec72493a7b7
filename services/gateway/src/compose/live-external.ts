/** The routes to services that are not ours, and the upstreams behind them, as they are in force. */
import type { AdminRoute } from '@gatehouse/chassis';
import type { UpstreamState } from '../forward/http/upstream-client.ts';
import { createUpstreams } from '../forward/http/upstreams.ts';
import type { RouteSet } from '../route/http-route.ts';
import type { LiveConfig } from './parts.ts';

/** What is in force, and how it is changed. */
export interface LiveForeign {
  current(): LiveConfig;
  /**
   * Takes another set, whole. Upstreams that did not change keep their connections; requests under way
   * end with what they began with.
   *
   * @throws Error when an upstream's TLS files cannot be read; then nothing changes.
   */
  take(set: RouteSet): void;
  states(): readonly UpstreamState[];
  close(graceMs: number): Promise<void>;
}

export function createLiveForeign(first: RouteSet): LiveForeign {
  const upstreams = createUpstreams();
  upstreams.update(first.upstreams);
  let config: LiveConfig = { set: first, upstreams };
  return {
    current: () => config,
    take: (set) => {
      upstreams.update(set.upstreams);
      config = { set, upstreams };
    },
    states: () => upstreams.states(),
    close: (graceMs) => upstreams.close(graceMs),
  };
}

/** `GET /upstreams` at the admin port: how each address of each upstream is now. */
export function upstreamsRoute({ states }: Pick<LiveForeign, 'states'>): AdminRoute {
  return { verb: 'GET', path: '/upstreams', answer: () => ({ upstreams: states() }) };
}
