/**
 * Mutual TLS for grpc-js, always from the files as they are now: a renewed certificate serves the
 * next connection, and no open one is touched.
 */
import { connect } from 'node:tls';
import { CallCredentials, ChannelCredentials, ServerCredentials } from '@grpc/grpc-js';
import type { TlsFiles } from '../tls/tls-files.ts';

/** Credentials of a server that demands a certificate of the trust bundle from each peer. */
export class MutualTlsServerCredentials extends ServerCredentials {
  constructor(tls: TlsFiles) {
    super({ requestCert: true, rejectUnauthorized: true }, tls.secureContextOptions());
    tls.onChange(() => this.updateSecureContextOptions(tls.secureContextOptions()));
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}

type Connector = ReturnType<ChannelCredentials['_createSecureConnector']>;

/** Credentials of a client that talks to exactly one workload. */
export class MutualTlsChannelCredentials extends ChannelCredentials {
  readonly #tls: TlsFiles;
  readonly #serverSpiffeId: string;

  constructor(tls: TlsFiles, serverSpiffeId: string) {
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
