/** Turns a session into what its client gets: an access token beside a refresh token. */
import type { Account } from '../accounts/rules.ts';
import { grantedScope } from '../accounts/scopes.ts';
import type { MintAccessToken } from '../common/base.ts';
import { LIFETIMES } from '../common/lifetimes.ts';
import type { Session } from './rules.ts';

/** The answer to a log-in or a refresh. */
export interface TokenPair {
  readonly accessToken: string;
  readonly expiresInSeconds: number;
  readonly refreshToken: string;
  readonly refreshExpiresInSeconds: number;
  /** What was granted, space-separated. */
  readonly scope: string;
}

export interface Issue {
  readonly account: Account;
  readonly session: Session;
  readonly refreshToken: string;
  readonly refreshExpiresAt: Date;
  readonly now: Date;
}

/** Mints the access token and puts the pair together. */
export function issuePair(mint: MintAccessToken, issue: Issue): TokenPair {
  const { account, session, now } = issue;
  const scope = grantedScope(session.narrowedScope, account.roles);
  const accessToken = mint({
    accountId: account.id,
    roles: account.roles,
    scope,
    sessionId: session.id,
    version: account.version,
    issuedAt: now,
  });
  const refreshMs = issue.refreshExpiresAt.getTime() - now.getTime();
  return {
    accessToken,
    expiresInSeconds: LIFETIMES.accessTokenSeconds,
    refreshToken: issue.refreshToken,
    refreshExpiresInSeconds: Math.max(0, Math.floor(refreshMs / 1000)),
    scope,
  };
}
