/** Grants, as operators see and end them. */

import type { Operator } from '../clients/manage.ts';
import type { Clock, Origin, Store } from '../common/base.ts';
import { authErrors } from '../common/errors.ts';
import type { GrantFilter } from './grant-ports.ts';
import type { TransactionGrant } from './rules.ts';

export interface Grants {
  /** Live ones, newest first. */
  list(filter: GrantFilter): Promise<readonly TransactionGrant[]>;
  /** Ends it and every grant that came from it. @throws auth.grant_unknown */
  revoke(grantId: string, by: Operator): Promise<void>;
}

/** Ends a grant of a workload, which has done with it; of nobody else's, and says nothing of that. */
export type RevokeGrant = (
  grantId: string,
  by: { readonly workload: string; readonly origin: Origin },
) => Promise<void>;

export function createRevokeGrant(parts: {
  readonly store: Store;
  readonly clock: Clock;
}): RevokeGrant {
  return async (grantId, { workload, origin }) => {
    await parts.store.transaction(async (records) => {
      const now = new Date(parts.clock.nowMs());
      if (!(await records.grants.revoke(grantId, now, workload))) return;
      const entry = { actor: workload, action: 'grant.revoked', target: grantId } as const;
      await records.audit.add(entry, origin, now);
    });
  };
}

export function createGrants(parts: { readonly store: Store; readonly clock: Clock }): Grants {
  const { store } = parts;
  const now = () => new Date(parts.clock.nowMs());
  return {
    list: (filter) => store.read.grants.listLive(filter, now()),

    async revoke(grantId, by) {
      await store.transaction(async (records) => {
        const wasLive = await records.grants.revoke(grantId, now());
        if (!wasLive) throw authErrors.GRANT_UNKNOWN();
        const entry = { actor: by.actor, action: 'grant.revoked', target: grantId } as const;
        await records.audit.add(entry, by.origin, now());
      });
    },
  };
}
