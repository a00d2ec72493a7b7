/**
 * Mutual TLS of the gRPC server, always from the files as they are now: a renewed certificate serves the
 * next connection, and no open one is touched.
 */
import { ServerCredentials } from '@grpc/grpc-js';
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
