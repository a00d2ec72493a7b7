import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { JWK_SET, PUBLIC_KEY_TEXT } from './documents.ts';
import type { FetchedDocument } from './fetch-document.ts';
import { FetchedKeySet, type RemoteKeySet, type RemoteKeySetOptions } from './remote.ts';

/** A file with keys, and how often it is looked at. */
export interface FileKeySetOptions extends Pick<RemoteKeySetOptions, 'clock' | 'onEvent'> {
  readonly path: string;
  /** `jwks`: a key set (RFC 7517, section 5). `public-key`: one RSA key as base64 or PEM. Default `jwks`. */
  readonly format?: 'jwks' | 'public-key';
  /** Time between two looks, less up to a tenth of it by chance. Default 5 s. */
  readonly refreshIntervalMs?: number;
  /** Least time between two looks caused by unknown kids. Default 1 s. */
  readonly cooldownMs?: number;
  /** Longest use of the last good keys while the file is missing or broken. Default 24 h. */
  readonly maxStaleMs?: number;
}

/**
 * Keys from a local file, read again when it changes: by looking, since notices of changes are lost
 * where the file is a link that is swapped (as Kubernetes does). A file that is missing, half written or
 * over 256 kB changes nothing. `start()` reads it first.
 *
 * @example
 * ```ts
 * import { createFileKeySet } from '@gatehouse/tokens';
 *
 * export async function keysIn(path: string) {
 *   const keys = createFileKeySet({ path });
 *   await keys.start();
 *   return keys;
 * }
 * ```
 */
export function createFileKeySet(options: FileKeySetOptions): RemoteKeySet {
  const { path, format = 'jwks', ...others } = options;
  const document = format === 'jwks' ? JWK_SET : PUBLIC_KEY_TEXT;
  const contentType = format === 'jwks' ? 'application/json' : 'text/plain';
  return new FetchedKeySet(
    {
      refreshIntervalMs: 5_000,
      cooldownMs: 1_000,
      ...others,
      fetchDocument: async (url, signal): Promise<FetchedDocument> => {
        return { status: 200, contentType, body: await readFile(url, { signal }) };
      },
    },
    { url: pathToFileURL(path), document },
  );
}
