/** Token exchange: a grant for a fresh passport of the person whom it is for. */

import * as accounts from '../accounts/store.ts';
import { type Base, nowOf } from '../common/base.ts';
import { LIFETIMES } from '../common/lifetimes.ts';
import { oauthErrors } from '../oauth/errors.ts';
import { narrowTo } from '../oauth/scope-rules.ts';
import type { MintPassport } from './mint-passport.ts';
import { drawnPassportId, requestingWorkloads } from './rules.ts';
import * as grants from './store.ts';
import type { IssuedPassport } from './workload-passport.ts';

export interface DrawRequest {
  /** SPIFFE ID, from the certificate. */
  readonly workload: string;
  readonly grantId: string;
  /** Undefined: the grant's. */
  readonly scope: string | undefined;
}

/**
 * A passport of the same transaction, with an id of its own, a scope that can only narrow, and the
 * call chain of the grant with this workload at its end. It has no session: the person may have logged
 * out since. It has the account's version, so that a suspension ends it too.
 *
 * @throws oauth.invalid_grant alike for a grant that is unknown, over, revoked, another workload's, or
 *   whose account was suspended or has changed; oauth.invalid_scope.
 */
export type DrawPassport = (request: DrawRequest) => Promise<IssuedPassport>;

export function createDrawPassport(
  parts: Base & { readonly mintPassport: MintPassport },
): DrawPassport {
  const { read: db } = parts.database;
  return async ({ workload, grantId, scope: asked }) => {
    const now = nowOf(parts.clock);
    const grant = await grants.findLive(db, grantId, now);
    if (grant?.workload !== workload) throw oauthErrors.INVALID_GRANT();
    const account = await accounts.find(db, grant.accountId);
    const isUnchanged = account?.status === 'ACTIVE' && account.version === grant.accountVersion;
    if (!isUnchanged) throw oauthErrors.INVALID_GRANT();
    const scope = narrowTo(grant.scopes, asked);
    const secondsLeft = Math.floor((grant.expiresAt.getTime() - now.getTime()) / 1000);
    const token = parts.mintPassport({
      txn: grant.txn,
      jti: drawnPassportId(grant.id, parts.newId('pas')),
      sub: grant.accountId,
      sv: grant.accountVersion,
      scope,
      roles: grant.roles,
      rctx: grant.requestContext,
      tctx: { method: grant.method },
      req_wl: requestingWorkloads(grant.callChain, workload),
    });
    return { token, scope, expiresInSeconds: Math.min(LIFETIMES.passportSeconds, secondsLeft) };
  };
}
