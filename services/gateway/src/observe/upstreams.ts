/** How the upstreams of `gateway.yaml` are, in figures. */
import type { ServiceContext } from '@gatehouse/chassis';
import type { AddressState, UpstreamState } from '../forward/http/upstream-client.ts';

/** What is told of one address, and how. */
const GAUGES: readonly {
  readonly name: string;
  readonly description: string;
  readonly read: (state: AddressState) => number;
}[] = [
  {
    name: 'requests',
    description: 'Requests under way at an address of an upstream, waiting ones among them',
    read: ({ inFlight }) => inFlight,
  },
  {
    name: 'waiting',
    description: 'Requests that wait for a connection to an address of an upstream',
    read: ({ waiting }) => waiting,
  },
  {
    name: 'connections',
    description: 'Connections to an address of an upstream',
    read: ({ openConnections }) => openConnections,
  },
  {
    name: 'connections.idle',
    description: 'Those of them that no request uses',
    read: ({ idleConnections }) => idleConnections,
  },
  {
    name: 'well',
    description: '1 while an address of an upstream gets requests, 0 while it is ejected',
    read: ({ health }) => (health === 'up' || health === 'rising' ? 1 : 0),
  },
];

/**
 * Shows `gatehouse.upstream.*` by upstream and address. Nothing of a request is in them.
 *
 * @param states - asked at each collection.
 */
export function observeUpstreams(
  { telemetry }: Pick<ServiceContext, 'telemetry'>,
  states: () => readonly UpstreamState[],
): void {
  const gauges = GAUGES.map(({ name, description, read }) => ({
    gauge: telemetry.meter.createObservableGauge(`gatehouse.upstream.${name}`, { description }),
    read,
  }));
  telemetry.meter.addBatchObservableCallback(
    (result) => {
      for (const { name, addresses } of states()) {
        for (const state of addresses) {
          const attributes = { upstream: name, address: state.address };
          for (const { gauge, read } of gauges) result.observe(gauge, read(state), attributes);
        }
      }
    },
    gauges.map(({ gauge }) => gauge),
  );
}
