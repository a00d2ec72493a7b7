/** What the discovery documents say. */
import type { WellKnownDocument } from '../keys/http.ts';

/**
 * Discovery (RFC 8414; OpenID Connect Discovery 1.0, section 4), at both of its paths. Lists only what
 * is served: there is no authorization endpoint yet, so that no response type is supported.
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
