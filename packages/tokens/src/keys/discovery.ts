import { own, parseJsonObject } from '../jws/strict-json.ts';
import { JWK_SET } from './documents.ts';
import { type FetchDocument, type FetchedDocument, fetchDocument } from './fetch-document.ts';
import { checkDocument } from './load.ts';
import { FetchedKeySet, type RemoteKeySet, type RemoteKeySetOptions } from './remote.ts';
import { safeUrl } from './url.ts';

/** An issuer, and the options of a remote key set but for its URL. */
export interface DiscoveredKeySetOptions extends Omit<RemoteKeySetOptions, 'url'> {
  /** The `iss` of its tokens: `https:`, or `http:` for a loopback address; no query, no fragment. */
  readonly issuer: string;
}

/**
 * The key set of an issuer, found by the issuer's own metadata: OpenID Connect Discovery 1.0, section
 * 4 (`<issuer>/.well-known/openid-configuration`), or, where that is not there (404), RFC 8414, section
 * 3 (`/.well-known/oauth-authorization-server<path>`).
 *
 * The metadata must name this very issuer, character by character (RFC 8414, section 3.3), and its
 * `jwks_uri` is held to the rules of `createRemoteKeySet`. Both are fetched at each refresh, so an
 * attempt is two requests (three with RFC 8414), within one time-out.
 *
 * Not checked: anything else that the metadata says. Which algorithms are good is not the issuer's
 * to say.
 *
 * @throws TypeError when the issuer is no such URL.
 *
 * @example
 * ```ts
 * import { createDiscoveredKeySet } from '@gatehouse/tokens';
 *
 * const keys = createDiscoveredKeySet({ issuer: 'https://login.example' });
 * await keys.start();
 * export const isReady = keys.ready;
 * ```
 */
export function createDiscoveredKeySet(options: DiscoveredKeySetOptions): RemoteKeySet {
  const { issuer, fetchDocument: fetchWith = fetchDocument, ...others } = options;
  const url = safeUrl(issuer);
  if (url.search !== '' || url.hash !== '' || /[?#]/.test(issuer)) {
    throw new TypeError('an issuer has no query and no fragment');
  }
  const discover: FetchDocument = async (_url, signal) => {
    const metadata = await fetchMetadata(url, (at) => fetchWith(at, signal));
    return await fetchWith(jwksUriOf(metadata, issuer), signal);
  };
  return new FetchedKeySet({ ...others, fetchDocument: discover }, { url, document: JWK_SET });
}

async function fetchMetadata(
  issuer: URL,
  fetchFrom: (url: URL) => Promise<FetchedDocument>,
): Promise<FetchedDocument> {
  const path = issuer.pathname.replace(/\/$/, '');
  const openid = await fetchFrom(new URL(`${path}/.well-known/openid-configuration`, issuer));
  if (openid.status !== 404) return openid;
  return await fetchFrom(new URL(`/.well-known/oauth-authorization-server${path}`, issuer));
}

function jwksUriOf(document: FetchedDocument, issuer: string): URL {
  const metadata = parseJsonObject(checkDocument(document, JWK_SET.mediaType));
  if (own(metadata, 'issuer') !== issuer) {
    throw new Error('the metadata is that of another issuer');
  }
  const uri = own(metadata, 'jwks_uri');
  if (typeof uri !== 'string') throw new Error('the metadata names no jwks_uri');
  return safeUrl(uri);
}
