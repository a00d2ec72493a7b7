/** Where the edge listens. */
import type { Listener, StandaloneContext } from '@gatehouse/chassis/standalone';
import type { LiveConnections } from '../forward/http/live-connections.ts';
import { createEdgeTls, type EdgeTls, type EdgeTlsFiles } from '../receive/edge-tls.ts';
import { createReceiver, type ReceiverOptions } from '../receive/receiver.ts';

/** One place to listen. */
export interface ListenAt {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Undefined: plain. */
  readonly tls: EdgeTlsFiles | undefined;
}

/** What stands behind every listener. */
export interface ListenParts
  extends Pick<ReceiverOptions, 'handle' | 'wireFault' | 'onConnectionRefused' | 'connections'> {
  readonly live: LiveConnections;
}

/** A listener, and where it came to listen. */
export interface EdgeListener extends Listener {
  /** Once it listens. */
  port(): number;
}

/** @throws Error when the certificate of the edge is invalid. */
export function edgeListener(
  context: Pick<StandaloneContext, 'log' | 'onClose'>,
  { live, ...handlers }: ListenParts,
  { host, port, tls: files }: ListenAt,
): EdgeListener {
  const tls = files === undefined ? undefined : edgeTls(context, files);
  const receiver = createReceiver({
    ...handlers,
    host,
    port,
    ...(tls === undefined ? {} : { tls }),
  });
  let bound = port;
  return {
    name: tls === undefined ? 'edge' : 'edge-tls',
    port: () => bound,
    start: async () => {
      bound = await receiver.start();
      context.log.info({ port: bound, tls: tls !== undefined }, 'edge listening');
    },
    stop: async (graceMs) => {
      // What would go on for ever is told so at once, and comes back to another gateway.
      live.endAll();
      await receiver.stop(graceMs);
    },
  };
}

function edgeTls(
  { log, onClose }: Pick<StandaloneContext, 'log' | 'onClose'>,
  files: EdgeTlsFiles,
): EdgeTls {
  const tls = createEdgeTls(files, (err) => log.warn({ err }, 'edge certificate not reloaded'));
  onClose(async () => tls.close());
  return tls;
}
