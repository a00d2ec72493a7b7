/** The well-known documents: how they are served, and the two key sets. */

import { type Routes, sendResponse } from '@gatehouse/chassis/http';
import type { JwkSet } from '@gatehouse/tokens';

/** A document: what it says now, and for how long others may keep it. */
export interface WellKnownDocument {
  readonly path: string;
  readonly maxAgeSeconds: number;
  readonly contentType: string;
  readonly read: () => Promise<object>;
}

const JWK_SET_TYPE = 'application/jwk-set+json';

/** The two key sets (RFC 7517, section 8.5). */
export function keySetDocuments(sets: {
  readonly accessTokens: () => Promise<JwkSet>;
  readonly passports: () => Promise<JwkSet>;
}): readonly WellKnownDocument[] {
  const contentType = JWK_SET_TYPE;
  return [
    {
      path: '/.well-known/jwks.json',
      maxAgeSeconds: 300,
      contentType,
      read: sets.accessTokens,
    },
    // A gateway's key may be minutes old: whoever asks again shall not get an old response.
    { path: '/.well-known/txn-jwks.json', maxAgeSeconds: 5, contentType, read: sets.passports },
  ];
}

/** Serves documents to GET and HEAD. */
export function documentRoutes(documents: readonly WellKnownDocument[]): Routes {
  return (app) => {
    for (const document of documents) {
      app.get(document.path, async (_request, reply) =>
        sendResponse(reply, {
          headers: { 'cache-control': `public, max-age=${document.maxAgeSeconds}` },
          contentType: document.contentType,
          body: JSON.stringify(await document.read()),
        }),
      );
    }
  };
}
