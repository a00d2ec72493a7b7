/** Largest key set that is read, in bytes. */
export const MAX_DOCUMENT_BYTES = 256 * 1024;

/** What a fetch gives. Its checks are the key set's: status 200, a JSON media type, the size. */
export interface FetchedDocument {
  readonly status: number;
  /** Value of `Content-Type`; empty when there is none. */
  readonly contentType: string;
  readonly body: Uint8Array;
}

/**
 * Fetches a key set. One of your own (for mutual TLS, say) must not follow a redirect, should stop
 * reading at {@link MAX_DOCUMENT_BYTES}, and should end when the signal aborts.
 */
export type FetchDocument = (url: URL, signal: AbortSignal) => Promise<FetchedDocument>;

/**
 * Fetches with the global `fetch`: no redirect, no cookie, no more than 256 kB (after decompression).
 *
 * @throws Error when that fails.
 *
 * @example
 * ```ts
 * import { fetchDocument } from '@gatehouse/tokens';
 *
 * export async function bytesOf(url: URL) {
 *   const { status, body } = await fetchDocument(url, AbortSignal.timeout(5_000));
 *   return status === 200 ? body : undefined;
 * }
 * ```
 */
export async function fetchDocument(url: URL, signal: AbortSignal): Promise<FetchedDocument> {
  return await fetchJson(url, signal);
}

/** As {@link fetchDocument}, with another `Accept`. */
export function fetchAccepting(accept: string): FetchDocument {
  return async (url, signal) => {
    const response = await fetch(url, {
      signal,
      redirect: 'error',
      credentials: 'omit',
      headers: { accept },
    });
    return {
      status: response.status,
      contentType: response.headers.get('content-type') ?? '',
      body: await readBody(response),
    };
  };
}

const fetchJson = fetchAccepting('application/jwk-set+json, application/json');

async function readBody(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop early cancels the stream.
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MAX_DOCUMENT_BYTES) throw new Error('the key set is over 256 kB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
