/**
 * A verifier of another team: our library against the public key set, behind an HTTP cache that keeps a
 * document for as long as it may. It has no revocation feed.
 *
 * Time is a hundredth of what it is in life: the document says 300 s and is kept for 3, the verifier
 * fetches every 3 s in place of 300, and a new key waits 9 s in place of 900.
 */

import { EDGE_AUDIENCE } from '@gatehouse/platform';
import { createAccessTokenVerifier, createRemoteKeySet } from '@gatehouse/tokens';
import { target } from '../../e2e/support/config.ts';

const SCALE = 100;
/** How long a new key waits in life, by default. */
export const WAIT_SECONDS = 900 / SCALE;

export interface OutsideVerifier {
  /** Verifies; what it says of a token that it refuses goes into `failures`. */
  check(token: string): Promise<void>;
  readonly checked: number;
  readonly failures: readonly string[];
  /** The cache fetches now, as it does when another of its clients asks: the worst moment before a change. */
  fillCache(): Promise<void>;
  close(): void;
}

export async function outsideVerifier(): Promise<OutsideVerifier> {
  const issuer = `http://127.0.0.1:${target().ports.auth?.http}`;
  const url = `${issuer}/.well-known/jwks.json`;
  const cache = httpCache();
  const keys = createRemoteKeySet({
    url,
    fetchDocument: cache.fetchDocument,
    refreshIntervalMs: 300_000 / SCALE,
    cooldownMs: 5_000 / SCALE,
  });
  await keys.start();
  const verifier = createAccessTokenVerifier({ issuer, audience: EDGE_AUDIENCE, keys });
  const failures: string[] = [];
  let checked = 0;
  return {
    check: async (token) => {
      checked += 1;
      await verifier.verify(token).catch((error: Error) => failures.push(error.message));
    },
    get checked() {
      return checked;
    },
    failures,
    fillCache: async () => void (await cache.load(url)),
    close: () => keys.close(),
  };
}

/** Honours `Cache-Control: max-age` (RFC 9111, 5.2.2.1), scaled. */
function httpCache() {
  let kept: { readonly untilMs: number; readonly document: Document } | undefined;
  const load = async (url: URL | string, signal?: AbortSignal): Promise<Document> => {
    const response = await fetch(url, signal === undefined ? {} : { signal });
    const control = response.headers.get('cache-control') ?? '';
    const [, seconds = '0'] = /max-age=(\d+)/.exec(control) ?? [];
    const document = {
      status: response.status,
      contentType: response.headers.get('content-type') ?? '',
      body: new Uint8Array(await response.arrayBuffer()),
    };
    kept = { untilMs: performance.now() + (Number(seconds) * 1000) / SCALE, document };
    return document;
  };
  return {
    fetchDocument: async (url: URL, signal: AbortSignal): Promise<Document> =>
      kept !== undefined && performance.now() < kept.untilMs ? kept.document : load(url, signal),
    load,
  };
}

interface Document {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array;
}
