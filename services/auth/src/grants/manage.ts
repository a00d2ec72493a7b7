/** Grants, as operators see and end them, and as workloads give them up. */
import * as audit from '../audit/store.ts';
import { type Base, nowOf, type Operator, type Origin } from '../common/base.ts';
import { authErrors } from '../common/errors.ts';
import type { TransactionGrant } from './rules.ts';
import * as grants from './store.ts';

export interface Grants {
  /** Live ones, newest first. */
  list(filter: grants.GrantFilter): Promise<readonly TransactionGrant[]>;
  /** Ends it and every grant that came from it. @throws auth.grant_unknown */
  revoke(grantId: string, by: Operator): Promise<void>;
  /** Ends a grant of a workload that no longer needs it; of nobody else's, and says nothing of that. */
  giveUp(
    grantId: string,
    by: { readonly workload: string; readonly origin: Origin },
  ): Promise<void>;
}

export function createGrants({ database, clock }: Base): Grants {
  /** @returns whether there was one to revoke. */
  function revoke(key: grants.GrantKey, { actor, origin }: Operator): Promise<boolean> {
    return database.transaction(async (tx) => {
      const now = nowOf(clock);
      if (!(await grants.revoke(tx, key, now))) return false;
      const entry = { actor, action: 'grant.revoked', target: key.grantId } as const;
      await audit.record(tx, { ...entry, origin, at: now });
      return true;
    });
  }

  return {
    list: (filter) => grants.listLive(database.read, filter, nowOf(clock)),

    async revoke(grantId, by) {
      if (!(await revoke({ grantId }, by))) throw authErrors.GRANT_UNKNOWN();
    },

    async giveUp(grantId, { workload, origin }) {
      await revoke({ grantId, workload }, { actor: workload, origin });
    },
  };
}
