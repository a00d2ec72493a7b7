/** Changes of an account after sign-up. Each raises `sv`, so that older tokens are refused. */
import * as audit from '../audit/store.ts';
import * as changes from '../changes/store.ts';
import { type Base, nowOf, type Origin } from '../common/base.ts';
import { authErrors } from '../common/errors.ts';
import type { Db } from '../database.ts';
import type { PasswordHasher } from '../passwords/argon2.ts';
import { attemptPassword } from '../passwords/attempt.ts';
import type { AttemptLimiter } from '../passwords/limits.ts';
import {
  assertPasswordAcceptable,
  type CommonPasswords,
  normalizePassword,
} from '../passwords/rules.ts';
import { endSession } from '../sessions/end.ts';
import * as sessions from '../sessions/store.ts';
import { assertNotLastAdmin, lockAdmins } from './last-admin.ts';
import type { Role } from './roles.ts';
import type { Account } from './rules.ts';
import * as accounts from './store.ts';

export interface AccountsParts extends Base {
  readonly hasher: PasswordHasher;
  readonly limiter: AttemptLimiter;
  readonly commonPasswords: CommonPasswords;
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
   * @throws auth.account_unknown for one that is not active; auth.last_admin when nobody else is an
   *   administrator.
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
  const { database, hasher, limiter } = parts;
  const now = () => nowOf(parts.clock);

  async function setRoles(change: RolesChange, origin: Origin): Promise<readonly Role[]> {
    const { accountId } = change;
    const roles = [...new Set(change.roles)].sort();
    const staysAdmin = roles.includes('admin');
    await database.transaction(async (tx) => {
      if (!staysAdmin) await lockAdmins(tx);
      const account = await accounts.hold(tx, accountId, 'change');
      if (account?.status !== 'ACTIVE') throw authErrors.ACCOUNT_UNKNOWN();
      if (isSameSet(account.roles, roles)) return;
      if (!staysAdmin) await assertNotLastAdmin(tx, account);
      const at = now();
      const version = await accounts.update(tx, accountId, { roles, now: at });
      const { actor } = change;
      await audit.record(tx, { actor, action: 'roles.set', target: accountId, origin, at });
      await changes.append(tx, { kind: 'token_claims_change', about: accountId, version }, at);
    });
    parts.hint();
    return roles;
  }

  async function changePassword(change: PasswordChange, origin: Origin): Promise<void> {
    const account = await accounts.find(database.read, change.accountId);
    if (account?.status !== 'ACTIVE') throw authErrors.ACCOUNT_UNKNOWN();
    await assertCurrent(account, change, origin);
    const newPassword = normalizePassword(change.newPassword);
    assertPasswordAcceptable(newPassword, {
      email: account.email,
      common: parts.commonPasswords,
      pointer: '/newPassword',
    });
    const passwordHash = await hasher.hash(newPassword, origin.address);
    await database.transaction(async (tx) => {
      const current = await accounts.hold(tx, account.id, 'change');
      if (current?.passwordHash !== account.passwordHash) throw wrongPassword();
      await replacePassword(tx, change, passwordHash);
      const entry = { actor: account.id, action: 'password.changed', target: account.id } as const;
      await audit.record(tx, { ...entry, origin, at: now() });
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
      hasher.verify(password, account.passwordHash, origin.address),
    );
    if (isRight) return;
    const { id } = account;
    const entry = { actor: id, action: 'password.change_failed', target: id } as const;
    await audit.record(database.read, { ...entry, origin, at: now() });
    throw wrongPassword();
  }

  async function replacePassword(
    tx: Db,
    { accountId, sessionId: ownSessionId }: PasswordChange,
    passwordHash: string,
  ): Promise<void> {
    const at = now();
    const version = await accounts.update(tx, accountId, { passwordHash, now: at });
    for (const { id: sessionId } of await sessions.listLive(tx, accountId, { now: at })) {
      if (sessionId === ownSessionId) continue;
      const end = { reason: 'password_changed', now: at } as const;
      await endSession(tx, { sessionId, accountId }, end);
    }
    await changes.append(tx, { kind: 'credential_change', about: accountId, version }, at);
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
