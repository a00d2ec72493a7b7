/** What a receiver calls: foreign routes first to be asked, then the contracts' and the pages. */
import type { Observer } from '../observe/observe.ts';
import type { ReceiverOptions } from '../receive/receiver.ts';
import { type Incoming, TAKEN } from '../receive/seam.ts';
import type { HttpProxy } from './proxy.ts';

/** What stands behind every listener of the gateway. */
export type EdgeHandlers = Pick<ReceiverOptions, 'handle' | 'wireFault' | 'onConnectionRefused'>;

/** The proxy takes what is a foreign route's, and says so; everything else is the edge's. */
export function edgeHandlers(parts: {
  readonly proxy: HttpProxy;
  readonly edge: (incoming: Incoming) => ReturnType<ReceiverOptions['handle']>;
  readonly observer: Observer;
}): EdgeHandlers {
  const { proxy, edge, observer } = parts;
  return {
    handle: (incoming, outgoing) => (proxy(incoming, outgoing) ? TAKEN : edge(incoming)),
    wireFault: (error, address) => observer.wireFault({ error, headers: {} }, address),
    onConnectionRefused: observer.connectionRefused,
  };
}
