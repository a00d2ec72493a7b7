/** Client credentials (RFC 6749, section 4.4): a token for a client in its own name. */

import type { Clock } from '../common/base.ts';
import { LIFETIMES } from '../common/lifetimes.ts';
import { narrowTo } from '../oauth/scope-rules.ts';
import type { Client } from './rules.ts';

/** What a service token says. */
export interface ServiceGrant {
  readonly clientId: string;
  /** Space-separated. */
  readonly scope: string;
  /** `sv` */
  readonly version: number;
  readonly issuedAt: Date;
}

/** Signs a service token, on another thread. */
export type MintServiceToken = (grant: ServiceGrant) => Promise<string>;

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

export function createIssueServiceToken(parts: {
  readonly mintServiceToken: MintServiceToken;
  readonly clock: Clock;
}): IssueServiceToken {
  return async (client, asked) => {
    const scope = narrowTo(client.scopes, asked);
    const issuedAt = new Date(parts.clock.nowMs());
    const { id: clientId, version } = client;
    const token = await parts.mintServiceToken({ clientId, scope, version, issuedAt });
    return { token, scope, expiresInSeconds: LIFETIMES.serviceTokenSeconds };
  };
}
