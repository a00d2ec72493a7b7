/** SPIFFE IDs: who a workload is, by its certificate. Source: SPIFFE-ID and X509-SVID. */
import { X509Certificate } from 'node:crypto';
import type { PeerCertificate } from 'node:tls';
import type { DescService } from '@bufbuild/protobuf';
import { uriNamesOf } from './san.ts';

// Section 2 of SPIFFE-ID, narrowed to what Gatehouse issues: one path segment, the service's name.
const SPIFFE_ID = /^spiffe:\/\/([a-z0-9](?:[a-z0-9._-]{0,253}))\/([a-z][a-z0-9-]{0,62})$/;

/** Why a certificate gives no identity. The text holds nothing of the certificate. */
export class IdentityError extends Error {
  override readonly name = 'IdentityError';
}

/**
 * The SPIFFE ID of a service: `spiffe://gatehouse.local/board`.
 *
 * @example
 * ```ts
 * import { spiffeIdFor } from '@gatehouse/chassis';
 *
 * export const board = spiffeIdFor('gatehouse.local', 'board');
 * ```
 */
export function spiffeIdFor(trustDomain: string, service: string): string {
  return `spiffe://${trustDomain}/${service}`;
}

/** The workload that serves a contract, by the second part of its package: `board`. */
export function workloadOf(service: DescService): string {
  return service.file.proto.package.split('.')[1] ?? '';
}

/**
 * The parts of a SPIFFE ID of one path segment; undefined for every other text.
 *
 * @example
 * ```ts
 * import { parseSpiffeId } from '@gatehouse/chassis';
 *
 * export const serviceOf = (id: string) => parseSpiffeId(id)?.service;
 * ```
 */
export function parseSpiffeId(
  id: string,
): { readonly trustDomain: string; readonly service: string } | undefined {
  const [, trustDomain, service] = SPIFFE_ID.exec(id) ?? [];
  if (trustDomain === undefined || service === undefined) return undefined;
  return { trustDomain, service };
}

/**
 * The SPIFFE ID that a certificate holds: exactly one URI name, on a leaf (X509-SVID, sections 2
 * and 4.1).
 *
 * Not checked here: signature, expiry and chain (TLS has done that before), and the trust domain.
 *
 * @param certificate - DER bytes.
 * @throws IdentityError when it holds none, several, one of another form, or belongs to an authority.
 *
 * @example
 * ```ts
 * import { X509Certificate } from 'node:crypto';
 * import { spiffeIdOf } from '@gatehouse/chassis';
 *
 * export const identityIn = (pem: string) => spiffeIdOf(new X509Certificate(pem).raw);
 * ```
 */
export function spiffeIdOf(certificate: Buffer): string {
  let uris: readonly string[];
  let isAuthority: boolean;
  try {
    uris = uriNamesOf(certificate);
    isAuthority = new X509Certificate(certificate).ca;
  } catch (cause) {
    throw new IdentityError('the certificate cannot be read', { cause });
  }
  const [id] = uris;
  if (id === undefined) throw new IdentityError('the certificate has no URI name');
  if (uris.length > 1) throw new IdentityError('the certificate has more than one URI name');
  if (parseSpiffeId(id) === undefined) {
    throw new IdentityError('the URI name of the certificate is no SPIFFE ID of a service');
  }
  if (isAuthority) throw new IdentityError('the certificate belongs to an authority');
  return id;
}

/**
 * The SPIFFE ID of a peer that TLS has accepted, which must be a workload of the trust domain.
 *
 * @param certificate - DER bytes; undefined when the peer showed none.
 * @throws IdentityError when it shows none, or does not say so.
 */
export function peerSpiffeId(certificate: Buffer | undefined, trustDomain: string): string {
  if (certificate === undefined) throw new IdentityError('the peer showed no certificate');
  const id = spiffeIdOf(certificate);
  if (parseSpiffeId(id)?.trustDomain === trustDomain) return id;
  throw new IdentityError('the peer is of another trust domain');
}

/**
 * The check of a server's certificate for `tls.connect`, `https` and gRPC, in place of the one by
 * DNS name: the server must be exactly this workload.
 *
 * @example
 * ```ts
 * import { connect } from 'node:tls';
 * import { checkServerIdentityFor } from '@gatehouse/chassis';
 *
 * export const connectTo = (port: number, ca: Buffer) =>
 *   connect({ port, ca, checkServerIdentity: checkServerIdentityFor('spiffe://gatehouse.local/auth') });
 * ```
 */
export function checkServerIdentityFor(
  spiffeId: string,
): (host: string, certificate: PeerCertificate) => Error | undefined {
  return (_host, certificate) => {
    try {
      if (spiffeIdOf(certificate.raw) === spiffeId) return undefined;
      return new IdentityError(`the server is not ${spiffeId}`);
    } catch (error) {
      return error instanceof Error ? error : new IdentityError('the certificate cannot be read');
    }
  };
}
