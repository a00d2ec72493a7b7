/** What the well-known documents say, wherever they are served. */
import type { JwkSet } from '@gatehouse/tokens';
import type { Routes } from '../http/listener.ts';

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
 * Discovery (RFC 8414; OpenID Connect Discovery 1.0, section 4), at both of its paths. Lists only what
 * answers: there is no authorization endpoint yet, so that no response type is supported.
 */
export function discoveryDocuments(issuer: string): readonly WellKnownDocument[] {
  const base = issuer.replace(/\/$/, '');
  const methods = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'];
  const algorithms = ['RS256', 'ES256'];
  const document = {
    issuer,
    jwks_uri: `${base}/.well-known/jwks.json`,
    token_endpoint: `${base}/oauth2/token`,
    token_endpoint_auth_methods_supported: methods,
    token_endpoint_auth_signing_alg_values_supported: algorithms,
    introspection_endpoint: `${base}/oauth2/introspect`,
    introspection_endpoint_auth_methods_supported: methods,
    introspection_endpoint_auth_signing_alg_values_supported: algorithms,
    revocation_endpoint: `${base}/oauth2/revoke`,
    revocation_endpoint_auth_methods_supported: [...methods, 'none'],
    revocation_endpoint_auth_signing_alg_values_supported: algorithms,
    grant_types_supported: ['client_credentials'],
    response_types_supported: [],
  };
  return ['openid-configuration', 'oauth-authorization-server'].map((name) => ({
    path: `/.well-known/${name}`,
    maxAgeSeconds: 3600,
    contentType: 'application/json',
    read: async () => document,
  }));
}

/** Serves documents to GET and HEAD. */
export function documentRoutes(documents: readonly WellKnownDocument[]): Routes {
  return (app) => {
    for (const document of documents) {
      app.get(document.path, async (_request, reply) => {
        // As bytes: Fastify would add a charset to text, which JSON has none of (RFC 8259, 11).
        const body = Buffer.from(JSON.stringify(await document.read()));
        reply.header('cache-control', `public, max-age=${document.maxAgeSeconds}`);
        return reply.header('content-type', document.contentType).send(body);
      });
    }
  };
}
