/**
 * Mutual TLS for grpc-js, always from the files as they are now: a renewed certificate serves the
 * next connection, and no open one is touched.
 */
import { type ConnectionOptions, connect } from 'node:tls';
import { CallCredentials, ChannelCredentials } from '@grpc/grpc-js';

/** Mutual TLS to exactly one workload; asked for each connection. The chassis' `TlsFiles` is one. */
export interface PeerTls {
  connectOptions(serverSpiffeId: string): ConnectionOptions;
}

type Connector = ReturnType<ChannelCredentials['_createSecureConnector']>;

/**
 * Credentials of a grpc-js client that talks to exactly one workload. Not checked: the host name.
 *
 * @example
 * ```ts
 * import { MutualTlsChannelCredentials, type PeerTls } from '@gatehouse/client/grpc';
 *
 * const credentialsFor = (tls: PeerTls) =>
 *   new MutualTlsChannelCredentials(tls, 'spiffe://gatehouse.local/board');
 * ```
 */
export class MutualTlsChannelCredentials extends ChannelCredentials {
  readonly #tls: PeerTls;
  readonly #serverSpiffeId: string;

  constructor(tls: PeerTls, serverSpiffeId: string) {
    super();
    this.#tls = tls;
    this.#serverSpiffeId = serverSpiffeId;
  }

  override _isSecure(): boolean {
    return true;
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  override _createSecureConnector(
    _target: unknown,
    _options: unknown,
    callCredentials: CallCredentials = CallCredentials.createEmpty(),
  ): Connector {
    return {
      connect: (socket) =>
        new Promise((resolve, reject) => {
          const secure = connect({
            ...this.#tls.connectOptions(this.#serverSpiffeId),
            socket,
            // A name for the server to see; what it must prove is its SPIFFE ID.
            servername: 'localhost',
            ALPNProtocols: ['h2'],
          });
          secure.once('secureConnect', () => resolve({ socket: secure, secure: true }));
          secure.on('error', reject);
        }),
      waitForReady: () => Promise.resolve(),
      getCallCredentials: () => callCredentials,
      destroy: () => undefined,
    };
  }
}
