/** Turns a session into what its client gets: an access token beside a refresh token. */
import { grantedScope } from '../accounts/scopes.ts';
import { LIFETIMES } from '../common/lifetimes.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { SessionHolder } from './rules.ts';

/** The response to a log-in or a refresh. */
export interface TokenPair {
  readonly accessToken: string;
  readonly expiresInSeconds: number;
  readonly refreshToken: string;
  readonly refreshExpiresInSeconds: number;
  /** What was granted, space-separated. */
  readonly scope: string;
}

export interface Issue {
  readonly holder: SessionHolder;
  readonly refreshToken: string;
  readonly refreshExpiresAt: Date;
  readonly now: Date;
}

/** Mints the access token and puts the pair together. */
export function issuePair(tokens: AccessTokens, issue: Issue): TokenPair {
  const { holder, refreshToken, now } = issue;
  const scope = grantedScope(holder.narrowedScope, holder.roles);
  const refreshMs = issue.refreshExpiresAt.getTime() - now.getTime();
  return {
    accessToken: tokens.mint({ ...holder, scope, issuedAt: now }),
    expiresInSeconds: LIFETIMES.accessTokenSeconds,
    refreshToken,
    refreshExpiresInSeconds: Math.max(0, Math.floor(refreshMs / 1000)),
    scope,
  };
}
