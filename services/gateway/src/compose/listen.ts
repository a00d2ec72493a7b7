/** Where the edge listens: plain, over TLS, or both. */
import type { Listener, ServiceContext } from '@gatehouse/chassis';
import type { GatewayConfig } from '../config.ts';
import type { LiveConnections } from '../forward/http/live-connections.ts';
import { createEdgeTls, type EdgeTls } from '../receive/edge-tls.ts';
import { createReceiver } from '../receive/receiver.ts';
import type { EdgeHandlers } from './handlers.ts';

/** What the listeners share. */
export interface ListenParts {
  readonly config: Pick<GatewayConfig, 'bindAddress' | 'edgePort' | 'edgeTls' | 'connections'>;
  readonly live: LiveConnections;
  readonly handlers: EdgeHandlers;
}

/** @throws Error when the certificate of the edge is not as it must be. */
export function edgeListeners(
  context: Pick<ServiceContext, 'log' | 'onClose'>,
  parts: ListenParts,
): readonly Listener[] {
  const { edgePort, edgeTls } = parts.config;
  const plain = listener(context, parts, { port: edgePort });
  if (edgeTls === undefined) return [plain];
  const tls = createEdgeTls(edgeTls, (err) =>
    context.log.warn({ err }, 'the new certificate of the edge is no good'),
  );
  context.onClose(async () => tls.close());
  return [plain, listener(context, parts, { port: edgeTls.port, tls })];
}

function listener(
  { log }: Pick<ServiceContext, 'log'>,
  { config, live, handlers }: ListenParts,
  at: { readonly port: number; readonly tls?: EdgeTls },
): Listener {
  const { bindAddress: host, connections } = config;
  const receiver = createReceiver({ host, connections, ...at, ...handlers });
  const secure = at.tls !== undefined;
  return {
    name: secure ? 'edge-tls' : 'edge',
    start: async () => {
      const port = await receiver.start();
      log.info({ port }, secure ? 'the edge listens with TLS' : 'the edge listens');
    },
    stop: async (graceMs) => {
      // What would go on for ever is told so at once, and comes back to another gateway.
      live.endAll();
      await receiver.stop(graceMs);
    },
  };
}
