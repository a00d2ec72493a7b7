/** Who calls: the workload in the certificate of the connection. */
import type { ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import { identifyPeer } from '../tls/peers.ts';

/** A call as grpc-js hands it to a server. */
export type ServerCall = ServerUnaryCall<Buffer, Buffer> | ServerWritableStream<Buffer, Buffer>;

/** The SPIFFE ID of the peer. @throws IdentityError when its certificate says none of this trust domain. */
export function peerIdentityOf(call: ServerCall, trustDomain: string): string {
  const certificate = () => call.getAuthContext().sslPeerCertificate?.raw;
  return identifyPeer(connectionOf(call), certificate, trustDomain);
}

/**
 * The HTTP/2 session beneath a call, for use as a key only. grpc-js has no public name for it; where it
 * is not found, the certificate is parsed for each call.
 */
function connectionOf(call: ServerCall): object | undefined {
  const { call: inner } = call as unknown as {
    readonly call?: { readonly stream?: { readonly session?: object } };
  };
  return inner?.stream?.session;
}
