/** Revocation (RFC 7009): a client gives up a token that was issued to it. */

import * as audit from '../audit/store.ts';
import * as changes from '../changes/store.ts';
import { type Base, nowOf, type Origin } from '../common/base.ts';
import { oauthErrors } from '../oauth/errors.ts';
import type { Sessions } from '../sessions/end.ts';
import type { FindToken, FoundToken } from './find.ts';

export interface Revocation {
  readonly token: string;
  /** The client that asks. */
  readonly clientId: string;
  readonly origin: Origin;
}

export interface RevokeTokenParts extends Base {
  readonly findToken: FindToken;
  readonly sessions: Sessions;
}

/**
 * Revokes a token of the client. A JWT is refused everywhere within a second, by its `jti`; with a refresh
 * token its whole session ends.
 *
 * @returns whether there was such a token; it may have been revoked before.
 * @throws oauth.invalid_grant for another client's token: only its owner may (section 2.1).
 */
export type RevokeToken = (revocation: Revocation) => Promise<boolean>;

export function createRevokeToken(parts: RevokeTokenParts): RevokeToken {
  return async (revocation) => {
    const found = await parts.findToken(revocation.token);
    if (found === undefined) return false;
    if (found.ownerId !== revocation.clientId) throw oauthErrors.INVALID_GRANT();
    if (found.jti === undefined) await parts.sessions.logOut(revocation.token, revocation.origin);
    else await revokeJwt(found, found.jti, revocation);
    return true;
  };

  async function revokeJwt(
    { isActive, ownerId }: FoundToken,
    jti: string,
    { origin }: Revocation,
  ): Promise<void> {
    if (!isActive) return;
    await parts.database.transaction(async (tx) => {
      const now = nowOf(parts.clock);
      const entry = { actor: ownerId, action: 'token.revoked', target: jti } as const;
      await audit.record(tx, { ...entry, origin, at: now });
      await changes.append(tx, { kind: 'token_revoked', about: jti }, now);
    });
    parts.hint();
  }
}
