/** Which workload calls over mutual TLS. */
import { TLSSocket } from 'node:tls';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { identifiedPeer, identifyPeer } from '../tls/peers.ts';
import { httpErrors } from './errors.ts';

/**
 * The SPIFFE ID of the peer of a workload listener; undefined over plain HTTP.
 *
 * @example
 * ```ts
 * import { peerOf, type Routes } from '@gatehouse/chassis/http';
 *
 * export const routes: Routes = (app) => {
 *   app.get('/whoami', async (request) => ({ workload: peerOf(request) }));
 * };
 * ```
 */
export function peerOf(request: FastifyRequest): string | undefined {
  return identifiedPeer(request.raw.socket);
}

/** Rejects every peer that is no workload of the trust domain, before anything of it is read. */
export function requireWorkload(app: FastifyInstance, trustDomain: string): void {
  app.addHook('onRequest', async ({ raw: { socket } }) => {
    try {
      identifyPeer(socket, () => certificateOf(socket), trustDomain);
    } catch (cause) {
      throw httpErrors.NOT_A_WORKLOAD({ cause });
    }
  });
}

function certificateOf(socket: unknown): Buffer | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  // Node's types say that it is there; without a certificate it is not.
  const { raw }: { readonly raw?: Buffer } = socket.getPeerCertificate();
  return raw;
}
