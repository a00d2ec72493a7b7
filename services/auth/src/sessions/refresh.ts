/**
 * Refresh: a refresh token for the next pair, exactly once.
 *
 * Who presents a token first wins a compare-and-swap. A repeat within the grace gets the same
 * successor, so that two tabs or a lost response do no harm; any later one is treated as theft, and
 * the whole session ends (RFC 9700, 4.14.2).
 */
import * as audit from '../audit/store.ts';
import { type Base, nowOf, type Origin } from '../common/base.ts';
import { authErrors } from '../common/errors.ts';
import { LIFETIMES, secondsAfter } from '../common/lifetimes.ts';
import type { AccessTokens } from './access-tokens.ts';
import { endSession } from './end.ts';
import { issuePair, type TokenPair } from './issue.ts';
import {
  createRefreshToken,
  hashRefreshToken,
  openSuccessor,
  sealSuccessor,
} from './refresh-secrets.ts';
import * as refreshTokens from './refresh-token-store.ts';
import { isHonestRepeat } from './rules.ts';

/**
 * Trades a refresh token for a new pair. Each repeat within the grace has its own access token and
 * the same refresh token.
 *
 * @throws auth.refresh_invalid for a token that is unknown, expired, reused, or of a session or an
 *   account that is not valid any more: all alike.
 */
export type Refresh = (refreshToken: string, origin: Origin) => Promise<TokenPair>;

interface Presented {
  readonly token: string;
  readonly hash: Buffer;
  readonly now: Date;
}

export function createRefresh(parts: Base & { readonly accessTokens: AccessTokens }): Refresh {
  const { database, accessTokens } = parts;

  return async (token, origin) => {
    const presented = { token, hash: hashRefreshToken(token), now: nowOf(parts.clock) };
    return (await rotate(presented)) ?? (await repeat(presented, origin));
  };

  /** @returns undefined when this call did not win the swap. */
  async function rotate({ token, hash, now }: Presented): Promise<TokenPair | undefined> {
    const refreshToken = createRefreshToken();
    const successor = {
      hash: hashRefreshToken(refreshToken),
      sealed: sealSuccessor(token, refreshToken),
    };
    const expiresAt = secondsAfter(now, LIFETIMES.refreshTokenSeconds);
    const rotation = { hash, successor, now, expiresAt };
    const session = await refreshTokens.rotate(database.read, rotation);
    if (session === undefined) return undefined;
    const { refreshExpiresAt, ...holder } = session;
    return issuePair(accessTokens, { holder, refreshToken, refreshExpiresAt, now });
  }

  /** A token that was used before, or never was valid. */
  async function repeat({ token, hash, now }: Presented, origin: Origin): Promise<TokenPair> {
    const shown = await refreshTokens.find(database.read, hash, now);
    const { usedAt, session: holder } = shown ?? {};
    if (shown === undefined || usedAt === undefined || holder === undefined) {
      throw authErrors.REFRESH_INVALID();
    }
    const { successorSealed, successorExpiresAt: refreshExpiresAt, successorUsed } = shown;
    const honest = isHonestRepeat({ usedAt, successorUsed }, now);
    if (!honest || successorSealed === undefined || refreshExpiresAt === undefined) {
      await endFamily(holder, { now, origin });
      throw authErrors.REFRESH_INVALID();
    }
    if (!shown.isActive) throw authErrors.REFRESH_INVALID();
    const refreshToken = openSuccessor(token, successorSealed);
    return issuePair(accessTokens, { holder, refreshToken, refreshExpiresAt, now });
  }

  async function endFamily(
    { sessionId, accountId }: { readonly sessionId: string; readonly accountId: string },
    { now, origin }: { readonly now: Date; readonly origin: Origin },
  ): Promise<void> {
    await database.transaction(async (tx) => {
      if (!(await endSession(tx, { sessionId }, { reason: 'refresh_reused', now }))) return;
      const entry = { actor: accountId, action: 'refresh.reused', target: sessionId } as const;
      await audit.record(tx, { ...entry, origin, at: now });
    });
    parts.hint();
  }
}
