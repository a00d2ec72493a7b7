/** Token exchange: a person's passport, while it lives, for a grant to act for that person later. */

import * as accounts from '../accounts/store.ts';
import * as audit from '../audit/store.ts';
import * as clients from '../clients/store.ts';
import { type Base, nowOf, type Origin } from '../common/base.ts';
import { secondsAfter } from '../common/lifetimes.ts';
import type { Db } from '../database.ts';
import { oauthErrors } from '../oauth/errors.ts';
import { narrowTo } from '../oauth/scope-rules.ts';
import type { PersonPassport, VerifyPersonPassport } from './mint-passport.ts';
import { callChainOf, GRANT_LIMITS, GRANT_SCOPE, grantOfPassport } from './rules.ts';
import * as grants from './store.ts';

export interface GrantRequest {
  /** SPIFFE ID, from the certificate. */
  readonly workload: string;
  readonly name: string;
  readonly passport: string;
  /** Undefined: the passport's. */
  readonly scope: string | undefined;
  readonly purpose: string;
  readonly lifeSeconds: number;
  readonly origin: Origin;
}

export interface IssuedGrant {
  readonly grantId: string;
  readonly scope: string;
  readonly expiresInSeconds: number;
}

/**
 * Stores a grant. It never has more than the passport, nor a longer life than the grant that a drawn
 * passport came from.
 *
 * @throws oauth.unauthorized_client for a workload whose client has not the scope `transaction:grant`;
 *   oauth.invalid_grant for a passport that is invalid, revoked, no person's, or of an account that has
 *   changed since; oauth.invalid_scope.
 */
export type CreateGrant = (request: GrantRequest) => Promise<IssuedGrant>;

export interface CreateGrantParts extends Base {
  readonly verifyPassport: VerifyPersonPassport;
  /** SPIFFE ID of auth, which signs what is drawn. */
  readonly identity: string;
}

export function createCreateGrant(parts: CreateGrantParts): CreateGrant {
  const { database } = parts;

  return async (request) => {
    const client = await clients.findByWorkload(database.read, request.name);
    const mayHold = client?.disabledAt === undefined && client?.scopes.includes(GRANT_SCOPE);
    if (client === undefined || mayHold !== true) throw oauthErrors.UNAUTHORIZED_CLIENT();
    const passport = await parts.verifyPassport(request.passport);
    if (passport === undefined) throw oauthErrors.INVALID_GRANT();
    const callChain = callChainOf(passport.req_wl);
    if (callChain.length >= GRANT_LIMITS.maxCallChain) throw oauthErrors.INVALID_GRANT();
    const scope = narrowTo(wordsOf(passport.scope), request.scope);
    const createdAt = nowOf(parts.clock);
    const wanted = secondsAfter(createdAt, request.lifeSeconds);
    const id = parts.newId('gra');
    const expiresAt = await database.transaction(async (tx) => {
      await assertUnchanged(tx, passport);
      const parent = await parentOf(tx, passport, createdAt);
      const ends = parent !== undefined && parent.expiresAt < wanted ? parent.expiresAt : wanted;
      await grants.insert(tx, {
        id,
        parentId: parent?.id,
        workload: request.workload,
        clientId: client.id,
        accountId: passport.sub,
        accountVersion: passport.sv,
        txn: passport.txn,
        scopes: wordsOf(scope),
        roles: passport.roles ?? [],
        callChain,
        requestContext: passport.rctx,
        method: passport.tctx.method,
        purpose: request.purpose,
        createdAt,
        expiresAt: ends,
        revokedAt: undefined,
      });
      const entry = { actor: request.workload, action: 'grant.created', target: id } as const;
      await audit.record(tx, { ...entry, origin: request.origin, at: createdAt });
      return ends;
    });
    const lifeMs = expiresAt.getTime() - createdAt.getTime();
    return { grantId: id, scope, expiresInSeconds: Math.floor(lifeMs / 1000) };
  };

  /** The grant that the passport was drawn from, which must still be live; none for a gateway's. */
  async function parentOf(tx: Db, passport: PersonPassport, at: Date) {
    if (passport.iss !== parts.identity) return undefined;
    const grantId = grantOfPassport(passport.jti);
    const parent = grantId === undefined ? undefined : await grants.findLive(tx, grantId, at);
    if (parent === undefined) throw oauthErrors.INVALID_GRANT();
    return parent;
  }
}

// The revocation feed may be a moment behind; what lives for days is decided by the database itself.
async function assertUnchanged(tx: Db, passport: PersonPassport): Promise<void> {
  const account = await accounts.hold(tx, passport.sub, 'keep');
  if (account?.status === 'ACTIVE' && account.version === passport.sv) return;
  throw oauthErrors.INVALID_GRANT();
}

function wordsOf(scope: string): readonly string[] {
  return scope.split(' ').filter((word) => word !== '');
}
