/** Which workload is at the other end of a connection. */
import { IdentityError, peerSpiffeId } from './spiffe.ts';

const known = new WeakMap<object, string | IdentityError>();

/**
 * The SPIFFE ID of a peer, read once for each connection: to parse a certificate costs more than all else
 * that is done with a call.
 *
 * TLS has checked the chain against the trust bundle before. Checked here: exactly one URI name, a
 * SPIFFE ID of a service, of this trust domain.
 *
 * @param connection - absent: the certificate is parsed each time.
 * @param certificate - gives its DER bytes; undefined when the peer showed none.
 * @throws IdentityError when the certificate does not say so.
 */
export function identifyPeer(
  connection: object | undefined,
  certificate: () => Buffer | undefined,
  trustDomain: string,
): string {
  let identity = connection && known.get(connection);
  if (identity === undefined) {
    identity = readIdentity(certificate(), trustDomain);
    if (connection !== undefined) known.set(connection, identity);
  }
  if (identity instanceof IdentityError) throw identity;
  return identity;
}

/** Undefined where {@link identifyPeer} has not found a workload. */
export function identifiedPeer(connection: object): string | undefined {
  const identity = known.get(connection);
  return identity instanceof IdentityError ? undefined : identity;
}

function readIdentity(
  certificate: Buffer | undefined,
  trustDomain: string,
): string | IdentityError {
  try {
    return peerSpiffeId(certificate, trustDomain);
  } catch (error) {
    if (error instanceof IdentityError) return error;
    throw error;
  }
}
