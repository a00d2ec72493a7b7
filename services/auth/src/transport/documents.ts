/** What the well-known documents say, wherever they are served. */
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
    // A gateway's key may be minutes old: whoever asks again shall not get yesterday's answer.
    { path: '/.well-known/txn-jwks.json', maxAgeSeconds: 5, contentType, read: sets.passports },
  ];
}

/**
 * Discovery (RFC 8414; OpenID Connect Discovery 1.0, section 4). Lists only what answers: there is
 * no authorization endpoint yet, so that no response type is supported.
 */
export function discoveryDocument(issuer: string): WellKnownDocument {
  return {
    path: '/.well-known/openid-configuration',
    maxAgeSeconds: 3600,
    contentType: 'application/json',
    read: async () => ({
      issuer,
      jwks_uri: `${issuer.replace(/\/$/, '')}/.well-known/jwks.json`,
      response_types_supported: [],
    }),
  };
}
