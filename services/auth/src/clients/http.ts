/** `POST /oauth2/token`: a grant for a token. */

import { type ExchangeParts, TOKEN_EXCHANGE, tokenExchange } from '../grants/http.ts';
import { type ClientParts, clientOf } from '../oauth/client.ts';
import { oauthErrors } from '../oauth/errors.ts';
import { required } from '../oauth/form.ts';
import type { OAuthHandler, OAuthRequest } from '../oauth/http.ts';
import { sendJson } from '../oauth/responses.ts';
import type { IssueServiceToken } from './issue-token.ts';

export interface TokenEndpointParts extends ExchangeParts, ClientParts {
  readonly issueServiceToken: IssueServiceToken;
}

/** The body of a success (RFC 6749, section 5.1). */
type Grant = (request: OAuthRequest) => Promise<object>;

export function tokenEndpoint(parts: TokenEndpointParts): OAuthHandler {
  const grants: Readonly<Record<string, Grant>> = {
    client_credentials: (request) => clientCredentials(parts, request),
    [TOKEN_EXCHANGE]: tokenExchange(parts),
  };
  return async (request, reply) => {
    const type = required(request.form, 'grant_type');
    const grant = Object.hasOwn(grants, type) ? grants[type] : undefined;
    if (grant === undefined) throw oauthErrors.UNSUPPORTED_GRANT_TYPE();
    return sendJson(reply, await grant(request));
  };
}

async function clientCredentials(
  parts: TokenEndpointParts,
  request: OAuthRequest,
): Promise<object> {
  const client = await clientOf(parts, request);
  const issued = await parts.issueServiceToken(client, request.form.get('scope'));
  return {
    access_token: issued.token,
    token_type: 'Bearer',
    expires_in: issued.expiresInSeconds,
    // A scope has one word at least (RFC 6749, section 3.3).
    ...(issued.scope === '' ? {} : { scope: issued.scope }),
  };
}
