import type { Clock, GoodAccessToken, Store, VerifyAccessToken } from '../common/base.ts';

export interface ValidateTokenParts {
  readonly store: Store;
  readonly verify: VerifyAccessToken;
  readonly clock: Clock;
}

/**
 * Says whether an access token is good now: signature, issuer, audience and time, then what the
 * database knows at this moment of its session and account.
 *
 * @returns undefined for every token that is not good; why, is not said (RFC 7662, section 2.2).
 * @throws only when the database cannot be asked.
 */
export type ValidateToken = (token: string) => Promise<GoodAccessToken | undefined>;

export function createValidateToken(parts: ValidateTokenParts): ValidateToken {
  const { accounts, changes, sessions } = parts.store.read;
  return async (token) => {
    const good = await parts.verify(token);
    if (good === undefined) return undefined;
    const now = new Date(parts.clock.nowMs());
    const account = await accounts.find(good.sub);
    if (account?.status !== 'ACTIVE' || good.sv < account.version) return undefined;
    const session = await sessions.findLive(good.sid, now);
    if (session?.accountId !== good.sub) return undefined;
    return (await changes.isTokenRevoked(good.jti, now)) ? undefined : good;
  };
}
