/** Client credentials (RFC 6749, section 4.4): a token for a client in its own name. */
import { LIFETIMES } from '../common/lifetimes.ts';
import { narrowTo } from '../oauth/scope-rules.ts';
import type { Client } from './rules.ts';
import type { ServiceTokens } from './service-tokens.ts';

export interface IssuedServiceToken {
  readonly token: string;
  readonly scope: string;
  readonly expiresInSeconds: number;
}

/**
 * @param scope - what is asked for; undefined for all that the client may have.
 * @throws oauth.invalid_scope
 */
export type IssueServiceToken = (
  client: Client,
  scope: string | undefined,
) => Promise<IssuedServiceToken>;

export function createIssueServiceToken(serviceTokens: ServiceTokens): IssueServiceToken {
  return async ({ id: clientId, version, scopes }, asked) => {
    const scope = narrowTo(scopes, asked);
    const token = await serviceTokens.mint({ clientId, scope, version });
    return { token, scope, expiresInSeconds: LIFETIMES.serviceTokenSeconds };
  };
}
