/** Token exchange: a person's passport, while it lives, for a grant to act for that person later. */

import type { Clock, NewId, Origin, Records, Store } from '../common/base.ts';
import { secondsAfter } from '../common/lifetimes.ts';
import { oauthErrors } from '../oauth/errors.ts';
import { narrowTo } from '../oauth/scope-rules.ts';
import type { PersonPassport, VerifyPersonPassport } from './grant-ports.ts';
import { callChainOf, GRANT_LIMITS, GRANT_SCOPE, grantOfPassport } from './rules.ts';

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
 *   oauth.invalid_grant for a passport that is bad, ended, no person's, or of an account that has
 *   changed since; oauth.invalid_scope.
 */
export type CreateGrant = (request: GrantRequest) => Promise<IssuedGrant>;

export interface CreateGrantParts {
  readonly store: Store;
  readonly verifyPassport: VerifyPersonPassport;
  /** SPIFFE ID of auth, which signs what is drawn. */
  readonly identity: string;
  readonly newId: NewId;
  readonly clock: Clock;
}

export function createCreateGrant(parts: CreateGrantParts): CreateGrant {
  const { store } = parts;
  const now = () => new Date(parts.clock.nowMs());

  return async (request) => {
    const client = await store.read.clients.findByWorkload(request.name);
    const mayHold = client?.disabledAt === undefined && client?.scopes.includes(GRANT_SCOPE);
    if (client === undefined || mayHold !== true) throw oauthErrors.UNAUTHORIZED_CLIENT();
    const passport = await parts.verifyPassport(request.passport);
    if (passport === undefined) throw oauthErrors.INVALID_GRANT();
    const callChain = callChainOf(passport.requestedBy);
    if (callChain.length >= GRANT_LIMITS.maxCallChain) throw oauthErrors.INVALID_GRANT();
    const scope = narrowTo(wordsOf(passport.scope), request.scope);
    const createdAt = now();
    const wanted = secondsAfter(createdAt, request.lifeSeconds);
    const id = parts.newId('gra');
    const expiresAt = await store.transaction(async (records) => {
      await assertUnchanged(records, passport);
      const parent = await parentOf(records, passport, createdAt);
      const ends = parent !== undefined && parent.expiresAt < wanted ? parent.expiresAt : wanted;
      await records.grants.insert({
        id,
        parentId: parent?.id,
        workload: request.workload,
        clientId: client.id,
        accountId: passport.accountId,
        accountVersion: passport.version,
        txn: passport.txn,
        scopes: wordsOf(scope),
        roles: passport.roles,
        callChain,
        requestContext: passport.requestContext,
        method: passport.method,
        purpose: request.purpose,
        createdAt,
        expiresAt: ends,
        revokedAt: undefined,
      });
      const entry = { actor: request.workload, action: 'grant.created', target: id } as const;
      await records.audit.add(entry, request.origin, createdAt);
      return ends;
    });
    const lifeMs = expiresAt.getTime() - createdAt.getTime();
    return { grantId: id, scope, expiresInSeconds: Math.floor(lifeMs / 1000) };
  };

  /** The grant that the passport was drawn from, which must still be good; none for a gateway's. */
  async function parentOf(records: Records, passport: PersonPassport, at: Date) {
    if (passport.issuer !== parts.identity) return undefined;
    const grantId = grantOfPassport(passport.jti);
    const parent = grantId === undefined ? undefined : await records.grants.findLive(grantId, at);
    if (parent === undefined) throw oauthErrors.INVALID_GRANT();
    return parent;
  }
}

// The news may be a moment old; what lives for days is decided by the database itself.
async function assertUnchanged(records: Records, passport: PersonPassport): Promise<void> {
  const account = await records.accounts.hold(passport.accountId, 'keep');
  if (account?.status === 'ACTIVE' && account.version === passport.version) return;
  throw oauthErrors.INVALID_GRANT();
}

function wordsOf(scope: string): readonly string[] {
  return scope.split(' ').filter((word) => word !== '');
}
