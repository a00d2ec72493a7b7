/** `POST /oauth2/token`: a grant for a token. */
import type { ServiceContext } from '@gatehouse/chassis';
import { oauthErrors } from '../oauth/errors.ts';
import { required } from '../oauth/form.ts';
import { type ClientParts, clientOf, type OAuthHandler } from '../oauth/http.ts';
import type { IssueServiceToken } from './issue-token.ts';

/** @param grants - the grant types (RFC 6749, section 4), each with what gives the body of a success. */
export function tokenEndpoint(grants: Readonly<Record<string, OAuthHandler>>): OAuthHandler {
  return async (request) => {
    const type = required(request.form, 'grant_type');
    const grant = Object.hasOwn(grants, type) ? grants[type] : undefined;
    if (grant === undefined) throw oauthErrors.UNSUPPORTED_GRANT_TYPE();
    return grant(request);
  };
}

export interface ClientCredentialsParts extends ClientParts {
  readonly issueServiceToken: IssueServiceToken;
  readonly log: ServiceContext['log'];
}

/** `client_credentials` (RFC 6749, section 4.4). */
export function clientCredentials(parts: ClientCredentialsParts): OAuthHandler {
  return async (request) => {
    const client = await clientOf(parts, request);
    const { token, scope, expiresInSeconds } = await parts.issueServiceToken(
      client,
      request.form.get('scope'),
    );
    parts.log.info({ clientId: client.id, scope }, 'service token issued');
    return {
      access_token: token,
      token_type: 'Bearer',
      expires_in: expiresInSeconds,
      // A scope has one word at least (RFC 6749, section 3.3).
      ...(scope === '' ? {} : { scope }),
    };
  };
}
