/** Who calls: the workload in the certificate of the connection, read once for each connection. */
import type { ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import { IdentityError, peerSpiffeId } from '../tls/spiffe.ts';

/** A call as grpc-js hands it to a server. */
export type ServerCall = ServerUnaryCall<Buffer, Buffer> | ServerWritableStream<Buffer, Buffer>;

const known = new WeakMap<object, string | IdentityError>();

/**
 * The SPIFFE ID of the peer.
 *
 * TLS has checked the chain against the trust bundle before. Checked here: exactly one URI name, a
 * SPIFFE ID of a service, of this trust domain.
 *
 * @throws IdentityError when the certificate does not say so.
 */
export function peerIdentityOf(call: ServerCall, trustDomain: string): string {
  const connection = connectionOf(call);
  let identity = connection && known.get(connection);
  if (identity === undefined) {
    identity = readIdentity(call, trustDomain);
    if (connection !== undefined) known.set(connection, identity);
  }
  if (identity instanceof IdentityError) throw identity;
  return identity;
}

function readIdentity(call: ServerCall, trustDomain: string): string | IdentityError {
  try {
    return peerSpiffeId(call.getAuthContext().sslPeerCertificate?.raw, trustDomain);
  } catch (error) {
    if (error instanceof IdentityError) return error;
    throw error;
  }
}

/**
 * The HTTP/2 session beneath a call, for use as a key only: parsing a certificate costs more than
 * all else in the pipeline. grpc-js has no public name for it; where it is not found, the
 * certificate is parsed for each call.
 */
function connectionOf(call: ServerCall): object | undefined {
  const { call: inner } = call as unknown as {
    readonly call?: { readonly stream?: { readonly session?: object } };
  };
  return inner?.stream?.session;
}
