/** Suspension of an account: everything that it has is refused within a second, and grants draw nothing. */
import * as audit from '../audit/store.ts';
import * as changes from '../changes/store.ts';
import { type Base, nowOf, type Operator } from '../common/base.ts';
import { authErrors } from '../common/errors.ts';
import { endSession } from '../sessions/end.ts';
import * as sessions from '../sessions/store.ts';
import { assertNotLastAdmin, lockAdmins } from './last-admin.ts';
import * as accounts from './store.ts';

export interface Suspension {
  /**
   * ACTIVE → SUSPENDED: raises the version, ends every session. Nothing changes for one that is
   * suspended already.
   *
   * @throws auth.account_unknown for one that is neither; auth.last_admin for the only administrator.
   */
  suspend(accountId: string, by: Operator): Promise<void>;
  /**
   * SUSPENDED → ACTIVE: it can log in again. Old tokens and grants stay refused.
   *
   * @throws auth.account_unknown for one that is neither.
   */
  reinstate(accountId: string, by: Operator): Promise<void>;
}

export function createSuspension({ database, clock, hint }: Base): Suspension {
  return {
    async suspend(accountId, { actor, origin }) {
      await database.transaction(async (tx) => {
        await lockAdmins(tx);
        const account = await accounts.hold(tx, accountId, 'change');
        if (account?.status === 'SUSPENDED') return;
        if (account?.status !== 'ACTIVE') throw authErrors.ACCOUNT_UNKNOWN();
        await assertNotLastAdmin(tx, account);
        const now = nowOf(clock);
        const version = await accounts.update(tx, accountId, { status: 'SUSPENDED', now });
        for (const { id: sessionId } of await sessions.listLive(tx, accountId, { now })) {
          await endSession(tx, { sessionId, accountId }, { reason: 'suspended', now });
        }
        const entry = { actor, action: 'account.suspended', target: accountId } as const;
        await audit.record(tx, { ...entry, origin, at: now });
        await changes.append(tx, { kind: 'token_claims_change', about: accountId, version }, now);
      });
      hint();
    },

    async reinstate(accountId, { actor, origin }) {
      await database.transaction(async (tx) => {
        const account = await accounts.hold(tx, accountId, 'change');
        if (account?.status === 'ACTIVE') return;
        if (account?.status !== 'SUSPENDED') throw authErrors.ACCOUNT_UNKNOWN();
        const now = nowOf(clock);
        await accounts.update(tx, accountId, { status: 'ACTIVE', now });
        const entry = { actor, action: 'account.reinstated', target: accountId } as const;
        await audit.record(tx, { ...entry, origin, at: now });
      });
    },
  };
}
