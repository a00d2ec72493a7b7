/** Log-in: a password for a session. */
import { type Account, normalizeEmail } from '../accounts/rules.ts';
import { narrowedScope } from '../accounts/scopes.ts';
import * as accounts from '../accounts/store.ts';
import * as audit from '../audit/store.ts';
import { type Base, nowOf, type Origin } from '../common/base.ts';
import { authErrors } from '../common/errors.ts';
import { LIFETIMES, secondsAfter } from '../common/lifetimes.ts';
import type { PasswordHasher } from '../passwords/argon2.ts';
import { attemptPassword } from '../passwords/attempt.ts';
import type { AttemptLimiter } from '../passwords/limits.ts';
import { normalizePassword } from '../passwords/rules.ts';
import type { AccessTokens } from './access-tokens.ts';
import { issuePair, type TokenPair } from './issue.ts';
import { createRefreshToken, hashRefreshToken } from './refresh-secrets.ts';
import * as refreshTokens from './refresh-token-store.ts';
import { refreshExpiry, type Session } from './rules.ts';
import * as sessions from './store.ts';

export interface LogInParts extends Base {
  readonly hasher: PasswordHasher;
  readonly limiter: AttemptLimiter;
  readonly accessTokens: AccessTokens;
}

export interface LogInInput {
  readonly email: string;
  readonly password: string;
  /** Space-separated; empty asks for all that the roles allow. */
  readonly scope: string;
}

/**
 * Opens a session.
 *
 * A wrong password, an unknown e-mail and an account that may not log in get the same response, after
 * the same work, and are limited alike.
 *
 * @throws auth.credentials_invalid, auth.scope_invalid, auth.too_many_attempts, auth.busy.
 */
export type LogIn = (input: LogInInput, origin: Origin) => Promise<TokenPair>;

export function createLogIn(parts: LogInParts): LogIn {
  const { database, limiter } = parts;
  const now = () => nowOf(parts.clock);

  return async (input, origin) => {
    const email = normalizeEmail(input.email);
    const attempt = { account: email, address: origin.address };
    const account = await attemptPassword(limiter, attempt, () =>
      verified(email, input.password, origin.address),
    );
    if (account === undefined) return refuse(email, origin);
    const narrowed = narrowedScope(input.scope, account.roles);
    const pair = await open(account, narrowed, origin);
    return pair ?? refuse(email, origin);
  };

  async function verified(
    email: string,
    password: string,
    address: string,
  ): Promise<Account | undefined> {
    const account = await accounts.findByEmail(database.read, email);
    // Without an account a dummy is compared, so that both take the same time.
    const wanted = normalizePassword(password);
    const matches = await parts.hasher.verify(wanted, account?.passwordHash, address);
    return matches && account?.status === 'ACTIVE' ? account : undefined;
  }

  async function refuse(email: string, origin: Origin): Promise<never> {
    await database.transaction(async (tx) => {
      const account = await accounts.findByEmail(tx, email);
      // An e-mail of nobody is not written down: people type passwords into the wrong field.
      const target = account?.id ?? 'unknown';
      const entry = { actor: 'anonymous', action: 'login.failed', target } as const;
      await audit.record(tx, { ...entry, origin, at: now() });
    });
    throw authErrors.CREDENTIALS_INVALID();
  }

  /** @returns undefined when the account changed while its password was being verified. */
  async function open(
    seen: Account,
    narrowed: string | undefined,
    origin: Origin,
  ): Promise<TokenPair | undefined> {
    const at = now();
    const refreshToken = createRefreshToken();
    const session = newSession({ account: seen, narrowed, origin, at });
    const { id: sessionId, expiresAt } = session;
    const hash = hashRefreshToken(refreshToken);
    const account = await database.transaction(async (tx) => {
      const current = await accounts.hold(tx, seen.id, 'keep');
      if (current?.status !== 'ACTIVE' || current.passwordHash !== seen.passwordHash) {
        return undefined;
      }
      await sessions.insert(tx, session);
      await refreshTokens.insert(tx, { hash, sessionId, createdAt: at, expiresAt });
      const entry = { actor: seen.id, action: 'login.succeeded', target: sessionId } as const;
      await audit.record(tx, { ...entry, origin, at });
      return current;
    });
    if (account === undefined) return undefined;
    const { id: accountId, roles, version } = account;
    const holder = { sessionId, narrowedScope: narrowed, accountId, roles, version };
    const issue = { holder, refreshToken, refreshExpiresAt: expiresAt, now: at };
    return issuePair(parts.accessTokens, issue);
  }

  function newSession(made: {
    readonly account: Account;
    readonly narrowed: string | undefined;
    readonly origin: Origin;
    readonly at: Date;
  }): Session {
    const endsAt = secondsAfter(made.at, LIFETIMES.sessionSeconds);
    return {
      id: parts.newId('ses'),
      accountId: made.account.id,
      narrowedScope: made.narrowed,
      clientAddress: made.origin.address,
      createdAt: made.at,
      lastUsedAt: made.at,
      expiresAt: refreshExpiry(made.at, endsAt),
      endsAt,
    };
  }
}
