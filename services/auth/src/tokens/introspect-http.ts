/** `POST /oauth2/introspect` (RFC 7662). */

import { type ClientParts, clientOf } from '../oauth/client.ts';
import { required } from '../oauth/form.ts';
import type { OAuthHandler } from '../oauth/http.ts';
import { sendJson } from '../oauth/responses.ts';
import type { Introspect } from './introspect.ts';

export interface IntrospectionParts extends ClientParts {
  readonly introspect: Introspect;
  readonly issuer: string;
}

/** Answers `active` alone for every token that is not good, or not for this client to know of. */
export function introspectionEndpoint(parts: IntrospectionParts): OAuthHandler {
  return async (request, reply) => {
    const client = await clientOf(parts, request);
    const found = await parts.introspect(client, required(request.form, 'token'));
    if (found === undefined) return sendJson(reply, { active: false });
    const { jti, scope } = found;
    return sendJson(reply, {
      active: true,
      iss: parts.issuer,
      sub: found.subject,
      aud: found.audience,
      client_id: found.ownerId,
      ...(scope === '' ? {} : { scope }),
      ...(jti === undefined ? {} : { jti, token_type: 'Bearer' }),
      iat: Math.floor(found.issuedAt.getTime() / 1000),
      exp: Math.floor(found.expiresAt.getTime() / 1000),
    });
  };
}
