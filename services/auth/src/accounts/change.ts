/** Changes of an account after sign-up. Each raises `sv`, so that older tokens are refused. */

import type {
  AttemptLimiter,
  ChangeHint,
  Clock,
  Origin,
  PasswordHasher,
  Records,
  Store,
} from '../common/base.ts';
import { authErrors } from '../common/errors.ts';
import { attemptPassword } from '../passwords/attempt.ts';
import {
  assertPasswordAcceptable,
  type CommonPasswords,
  normalizePassword,
} from '../passwords/rules.ts';
import { endSession } from '../sessions/end-session.ts';
import type { Role } from './roles.ts';
import type { Account } from './rules.ts';

export interface AccountsParts {
  readonly store: Store;
  readonly hasher: PasswordHasher;
  readonly limiter: AttemptLimiter;
  readonly commonPasswords: CommonPasswords;
  readonly clock: Clock;
  readonly hint: ChangeHint;
}

export interface RolesChange {
  readonly accountId: string;
  readonly roles: readonly Role[];
  /** Who changes them. */
  readonly actor: string;
}

export interface PasswordChange {
  readonly accountId: string;
  /** The session that asks, which goes on; every other one ends. */
  readonly sessionId: string;
  readonly currentPassword: string;
  readonly newPassword: string;
}

export interface Accounts {
  /**
   * Replaces the roles. Equal ones change nothing and refuse no token.
   *
   * @throws auth.account_unknown for one that is not active.
   */
  setRoles(change: RolesChange, origin: Origin): Promise<readonly Role[]>;
  /**
   * Changes the password and ends every other session. The session that asks goes on by a refresh:
   * its access token has the old `sv`.
   *
   * @throws auth.current_password_wrong, auth.password_…, auth.too_many_attempts, auth.busy.
   */
  changePassword(change: PasswordChange, origin: Origin): Promise<void>;
}

export function createAccounts(parts: AccountsParts): Accounts {
  const { store, hasher, limiter } = parts;
  const now = () => new Date(parts.clock.nowMs());

  async function setRoles(change: RolesChange, origin: Origin): Promise<readonly Role[]> {
    const { accountId } = change;
    const roles = [...new Set(change.roles)].sort();
    await store.transaction(async (records) => {
      const account = await records.accounts.hold(accountId, 'change');
      if (account?.status !== 'ACTIVE') throw authErrors.ACCOUNT_UNKNOWN();
      if (isSameSet(account.roles, roles)) return;
      const version = await records.accounts.setRoles(accountId, roles, now());
      const entry = { actor: change.actor, action: 'roles.set', target: accountId } as const;
      await records.audit.add(entry, origin, now());
      await records.changes.append(
        { kind: 'token_claims_change', about: accountId, version },
        now(),
      );
    });
    parts.hint();
    return roles;
  }

  async function changePassword(change: PasswordChange, origin: Origin): Promise<void> {
    const account = await store.read.accounts.find(change.accountId);
    if (account?.status !== 'ACTIVE') throw authErrors.ACCOUNT_UNKNOWN();
    await assertCurrent(account, change, origin);
    const newPassword = normalizePassword(change.newPassword);
    assertPasswordAcceptable(newPassword, {
      email: account.email,
      common: parts.commonPasswords,
      pointer: '/newPassword',
    });
    const passwordHash = await hasher.hash(newPassword);
    await store.transaction(async (records) => {
      const current = await records.accounts.hold(account.id, 'change');
      if (current?.passwordHash !== account.passwordHash) throw wrongPassword();
      await replacePassword(records, change, passwordHash);
      const entry = { actor: account.id, action: 'password.changed', target: account.id } as const;
      await records.audit.add(entry, origin, now());
    });
    parts.hint();
  }

  async function assertCurrent(
    account: Account,
    change: PasswordChange,
    origin: Origin,
  ): Promise<void> {
    const attempt = { account: account.email, address: origin.address };
    const password = normalizePassword(change.currentPassword);
    const isRight = await attemptPassword(limiter, attempt, () =>
      hasher.verify(password, account.passwordHash),
    );
    if (isRight) return;
    const entry = { actor: account.id, target: account.id } as const;
    await store.transaction((records) =>
      records.audit.add({ ...entry, action: 'password.change_failed' }, origin, now()),
    );
    throw wrongPassword();
  }

  async function replacePassword(
    records: Records,
    { accountId, sessionId: ownSessionId }: PasswordChange,
    passwordHash: string,
  ): Promise<void> {
    const at = now();
    const version = await records.accounts.setPasswordHash(accountId, passwordHash, at);
    for (const { id: sessionId } of await records.sessions.listLive(accountId, at)) {
      if (sessionId === ownSessionId) continue;
      const end = { reason: 'password_changed', now: at } as const;
      await endSession(records, { sessionId, accountId }, end);
    }
    await records.changes.append({ kind: 'credential_change', about: accountId, version }, at);
  }

  return { setRoles, changePassword };
}

function isSameSet(held: readonly Role[], wanted: readonly Role[]): boolean {
  return held.length === wanted.length && held.every((role) => wanted.includes(role));
}

function wrongPassword() {
  const detail = 'is not the current password';
  return authErrors.CURRENT_PASSWORD_WRONG({ fields: [{ pointer: '/currentPassword', detail }] });
}
