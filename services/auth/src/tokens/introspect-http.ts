/** `POST /oauth2/introspect` (RFC 7662). */
import { required } from '../oauth/form.ts';
import { type ClientParts, clientOf, type OAuthHandler } from '../oauth/http.ts';
import type { Introspect } from './introspect.ts';

export interface IntrospectionParts extends ClientParts {
  readonly introspect: Introspect;
  readonly issuer: string;
}

/** Says `active: false` and no more of every token that is not, or that this client may not know of. */
export function introspectionEndpoint(parts: IntrospectionParts): OAuthHandler {
  return async (request) => {
    const client = await clientOf(parts, request);
    const found = await parts.introspect(client, required(request.form, 'token'));
    if (found === undefined) return { active: false };
    const { jti, scope } = found;
    return {
      active: true,
      iss: parts.issuer,
      sub: found.subject,
      aud: found.audience,
      client_id: found.ownerId,
      ...(scope === '' ? {} : { scope }),
      ...(jti === undefined ? {} : { jti, token_type: 'Bearer' }),
      iat: Math.floor(found.issuedAt.getTime() / 1000),
      exp: Math.floor(found.expiresAt.getTime() / 1000),
    };
  };
}
