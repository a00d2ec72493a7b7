/** Suspension of an account: everything that it has is refused within a second, and grants draw nothing. */

import type { Operator } from '../clients/manage.ts';
import type { ChangeHint, Clock, Store } from '../common/base.ts';
import { authErrors } from '../common/errors.ts';
import { endSession } from '../sessions/end-session.ts';

export interface Suspension {
  /**
   * ACTIVE → SUSPENDED: raises the version, ends every session. Nothing changes for one that is
   * suspended already.
   *
   * @throws auth.account_unknown for one that is neither.
   */
  suspend(accountId: string, by: Operator): Promise<void>;
  /**
   * SUSPENDED → ACTIVE: it can log in again. Old tokens and grants stay refused.
   *
   * @throws auth.account_unknown for one that is neither.
   */
  reinstate(accountId: string, by: Operator): Promise<void>;
}

export function createSuspension(parts: {
  readonly store: Store;
  readonly clock: Clock;
  readonly hint: ChangeHint;
}): Suspension {
  const { store } = parts;
  const now = () => new Date(parts.clock.nowMs());

  return {
    async suspend(accountId, by) {
      await store.transaction(async (records) => {
        const account = await records.accounts.hold(accountId, 'change');
        if (account?.status === 'SUSPENDED') return;
        if (account?.status !== 'ACTIVE') throw authErrors.ACCOUNT_UNKNOWN();
        const at = now();
        const version = await records.accounts.setStatus(accountId, 'SUSPENDED', at);
        for (const { id: sessionId } of await records.sessions.listLive(accountId, at)) {
          await endSession(records, { sessionId, accountId }, { reason: 'suspended', now: at });
        }
        const entry = { actor: by.actor, action: 'account.suspended', target: accountId } as const;
        await records.audit.add(entry, by.origin, at);
        const change = { kind: 'token_claims_change', about: accountId, version } as const;
        await records.changes.append(change, at);
      });
      parts.hint();
    },

    async reinstate(accountId, by) {
      await store.transaction(async (records) => {
        const account = await records.accounts.hold(accountId, 'change');
        if (account?.status === 'ACTIVE') return;
        if (account?.status !== 'SUSPENDED') throw authErrors.ACCOUNT_UNKNOWN();
        await records.accounts.setStatus(accountId, 'ACTIVE', now());
        const entry = { actor: by.actor, action: 'account.reinstated', target: accountId } as const;
        await records.audit.add(entry, by.origin, now());
      });
    },
  };
}
