/** Log-in: a password for a session. */
import { type Account, normalizeEmail } from '../accounts/rules.ts';
import { narrowedScope } from '../accounts/scopes.ts';
import type {
  AttemptLimiter,
  Clock,
  MintAccessToken,
  NewId,
  Origin,
  PasswordHasher,
  RefreshSecrets,
  Store,
} from '../common/base.ts';
import { authErrors } from '../common/errors.ts';
import { LIFETIMES, secondsAfter } from '../common/lifetimes.ts';
import { attemptPassword } from '../passwords/attempt.ts';
import { normalizePassword } from '../passwords/rules.ts';
import { issuePair, type TokenPair } from './issue.ts';
import { refreshExpiry, type Session } from './rules.ts';

export interface LogInParts {
  readonly store: Store;
  readonly hasher: PasswordHasher;
  readonly limiter: AttemptLimiter;
  readonly secrets: RefreshSecrets;
  readonly mint: MintAccessToken;
  readonly newId: NewId;
  readonly clock: Clock;
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
 * A wrong password, an unknown e-mail and an account that may not log in are answered alike, after
 * the same work, and are limited alike.
 *
 * @throws auth.credentials_invalid, auth.scope_invalid, auth.too_many_attempts, auth.busy.
 */
export type LogIn = (input: LogInInput, origin: Origin) => Promise<TokenPair>;

export function createLogIn(parts: LogInParts): LogIn {
  const { store, limiter } = parts;
  const now = () => new Date(parts.clock.nowMs());

  return async (input, origin) => {
    const email = normalizeEmail(input.email);
    const attempt = { account: email, address: origin.address };
    const account = await attemptPassword(limiter, attempt, () => verified(email, input.password));
    if (account === undefined) return refuse(email, origin);
    const narrowed = narrowedScope(input.scope, account.roles);
    const pair = await open(account, narrowed, origin);
    return pair ?? refuse(email, origin);
  };

  async function verified(email: string, password: string): Promise<Account | undefined> {
    const account = await store.read.accounts.findByEmail(email);
    // Without an account a dummy is compared, so that both answers take the same time.
    const matches = await parts.hasher.verify(normalizePassword(password), account?.passwordHash);
    return matches && account?.status === 'ACTIVE' ? account : undefined;
  }

  async function refuse(email: string, origin: Origin): Promise<never> {
    await store.transaction(async (records) => {
      const account = await records.accounts.findByEmail(email);
      // An e-mail of nobody is not written down: people type passwords into the wrong field.
      const target = account?.id ?? 'unknown';
      await records.audit.add(
        { actor: 'anonymous', action: 'login.failed', target },
        origin,
        now(),
      );
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
    const refreshToken = parts.secrets.create();
    const session = newSession({ account: seen, narrowed, origin, at });
    const account = await store.transaction(async (records) => {
      const current = await records.accounts.hold(seen.id, 'keep');
      if (current?.status !== 'ACTIVE' || current.passwordHash !== seen.passwordHash) {
        return undefined;
      }
      await records.sessions.insert(session);
      await records.refreshTokens.insert({
        hash: parts.secrets.hash(refreshToken),
        sessionId: session.id,
        createdAt: at,
        expiresAt: session.expiresAt,
      });
      const entry = { actor: seen.id, action: 'login.succeeded', target: session.id } as const;
      await records.audit.add(entry, origin, at);
      return current;
    });
    if (account === undefined) return undefined;
    const refreshExpiresAt = session.expiresAt;
    return issuePair(parts.mint, { account, session, refreshToken, refreshExpiresAt, now: at });
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
