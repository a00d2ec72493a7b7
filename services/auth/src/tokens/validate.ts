import * as accounts from '../accounts/store.ts';
import * as changes from '../changes/store.ts';
import { type Base, nowOf } from '../common/base.ts';
import type { AccessTokens, VerifiedAccessToken } from '../sessions/access-tokens.ts';
import * as sessions from '../sessions/store.ts';

/**
 * Says whether an access token is active now: signature, issuer, audience and time, then what the
 * database knows at this moment of its session and account.
 *
 * @returns undefined for every token that is not active; why, is not said (RFC 7662, section 2.2).
 * @throws only when the database is unavailable.
 */
export type ValidateToken = (token: string) => Promise<VerifiedAccessToken | undefined>;

export function createValidateToken(
  parts: Base & { readonly accessTokens: AccessTokens },
): ValidateToken {
  const { read: db } = parts.database;
  return async (token) => {
    const verified = await parts.accessTokens.verify(token);
    if (verified === undefined) return undefined;
    const now = nowOf(parts.clock);
    const account = await accounts.find(db, verified.sub);
    if (account?.status !== 'ACTIVE' || verified.sv < account.version) return undefined;
    const session = await sessions.findLive(db, verified.sid, now);
    if (session?.accountId !== verified.sub) return undefined;
    return (await changes.isTokenRevoked(db, verified.jti, now)) ? undefined : verified;
  };
}
