/** Fetches a small document, such as a key set, over mutual TLS from exactly one workload. */
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { TlsFiles } from './tls-files.ts';

/** Largest document taken. */
const MAX_BYTES = 256 * 1024;

/** A document as it came. */
export interface FetchedDocument {
  readonly status: number;
  /** Empty when the server named none. */
  readonly contentType: string;
  readonly body: Uint8Array;
}

/**
 * Makes a `fetchDocument` for `createRemoteKeySet`: GET over TLS 1.3 with the own certificate; the
 * server must be `serverSpiffeId`. Redirects are not followed (the status is returned), and a body
 * above 256 kB is an error. A connection for each document, so that renewed certificates are used.
 *
 * @example
 * ```ts
 * import { mtlsFetchDocument, type ServiceContext, spiffeIdFor } from '@gatehouse/chassis';
 * import { createRemoteKeySet } from '@gatehouse/tokens';
 *
 * export const keysOf = ({ tls, trustDomain }: ServiceContext) =>
 *   createRemoteKeySet({
 *     url: 'https://localhost:7412/.well-known/jwks.json',
 *     fetchDocument: mtlsFetchDocument(tls, spiffeIdFor(trustDomain, 'auth')),
 *   });
 * ```
 */
export function mtlsFetchDocument(
  tls: TlsFiles,
  serverSpiffeId: string,
): (url: URL, signal: AbortSignal) => Promise<FetchedDocument> {
  return (url, signal) =>
    new Promise((resolve, reject) => {
      if (url.protocol !== 'https:') throw new Error(`${url.href} must begin with https:`);
      const options = { ...tls.connectOptions(serverSpiffeId), signal, agent: false };
      const outgoing = request(url, options, (response) => {
        readDocument(response).then(resolve, reject);
      });
      outgoing.once('error', reject);
      outgoing.end();
    });
}

async function readDocument(response: IncomingMessage): Promise<FetchedDocument> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BYTES) {
      response.destroy();
      throw new Error(`the document is larger than ${MAX_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  return {
    status: response.statusCode ?? 0,
    contentType: response.headers['content-type'] ?? '',
    body: Buffer.concat(chunks),
  };
}
