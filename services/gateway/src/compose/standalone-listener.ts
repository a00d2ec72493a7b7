import type { Listener, StandaloneContext } from '@gatehouse/chassis/standalone';
import type { ListenSettings } from '../file/read-standalone.ts';
import type { LiveConnections } from '../forward/http/live-connections.ts';
import { createEdgeTls, type EdgeTls } from '../receive/edge-tls.ts';
import { createReceiver } from '../receive/receiver.ts';
import type { EdgeHandlers } from './handlers.ts';

/** A listener, and where it came to listen. */
export interface Listening {
  readonly listener: Listener;
  /** Once it listens. */
  edgePort(): number;
}

/** The one listener of a gateway alone: plain, or TLS where the file says so. */
export function aloneListener(
  context: Pick<StandaloneContext, 'log' | 'onClose'>,
  parts: {
    readonly listen: ListenSettings;
    readonly live: LiveConnections;
    readonly handlers: EdgeHandlers;
  },
): Listening {
  const { listen, live, handlers } = parts;
  const tls = edgeTls(context, listen);
  const options = {
    host: listen.address,
    port: listen.port,
    connections: { ...listen.connections, proxies: listen.proxies },
    ...(tls === undefined ? {} : { tls }),
    ...handlers,
  };
  const receiver = createReceiver(options);
  let port = listen.port;
  return {
    edgePort: () => port,
    listener: {
      name: 'edge',
      start: async () => {
        port = await receiver.start();
        context.log.info({ port, tls: tls !== undefined }, 'the edge listens');
      },
      stop: async (graceMs) => {
        // What would go on for ever is told so at once, and comes back to another gateway.
        live.endAll();
        await receiver.stop(graceMs);
      },
    },
  };
}

function edgeTls(
  { log, onClose }: Pick<StandaloneContext, 'log' | 'onClose'>,
  { tls }: ListenSettings,
): EdgeTls | undefined {
  if (tls === undefined) return undefined;
  const edge = createEdgeTls({ certFile: tls.cert, keyFile: tls.key }, (err) =>
    log.warn({ err }, 'the new certificate of the edge is no good'),
  );
  onClose(async () => edge.close());
  return edge;
}
