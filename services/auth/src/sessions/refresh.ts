/**
 * Refresh: a refresh token for the next pair, exactly once.
 *
 * Who presents a token first wins a compare-and-swap. A repeat within the grace gets the same
 * successor, so that two tabs or a lost answer do no harm; any later one is treated as theft, and
 * the whole session ends (RFC 9700, 4.14.2).
 */
import type { Account } from '../accounts/rules.ts';
import type {
  ChangeHint,
  Clock,
  MintAccessToken,
  Origin,
  Records,
  RefreshSecrets,
  RefreshTokenState,
  Store,
} from '../common/base.ts';
import { authErrors } from '../common/errors.ts';
import { LIFETIMES } from '../common/lifetimes.ts';
import { endSession } from './end-session.ts';
import { issuePair, type TokenPair } from './issue.ts';
import { isHonestRepeat, refreshExpiry, type Session } from './rules.ts';

export interface RefreshParts {
  readonly store: Store;
  readonly secrets: RefreshSecrets;
  readonly mint: MintAccessToken;
  readonly clock: Clock;
  readonly hint: ChangeHint;
}

/**
 * Trades a refresh token for a new pair. Each repeat within the grace has its own access token and
 * the same refresh token.
 *
 * @throws auth.refresh_invalid for a token that is unknown, expired, reused, or of a session or an
 *   account that is not good any more: all alike.
 */
export type Refresh = (refreshToken: string, origin: Origin) => Promise<TokenPair>;

interface Presented {
  readonly token: string;
  readonly hash: Buffer;
  readonly now: Date;
}

export function createRefresh(parts: RefreshParts): Refresh {
  const { store, secrets, mint } = parts;

  return async (token, origin) => {
    const now = new Date(parts.clock.nowMs());
    const presented = { token, hash: secrets.hash(token), now };
    return (await rotate(presented)) ?? (await repeat(presented, origin));
  };

  /** @returns undefined when this call did not win the swap. */
  async function rotate({ token, hash, now }: Presented): Promise<TokenPair | undefined> {
    const refreshToken = secrets.create();
    const successor = {
      hash: secrets.hash(refreshToken),
      sealed: secrets.seal(token, refreshToken),
    };
    const { refreshTokenSeconds } = LIFETIMES;
    const holder = await store.transaction(async (records) => {
      const sessionId = await records.refreshTokens.swap({
        hash,
        successor,
        now,
        refreshTokenSeconds,
      });
      if (sessionId === undefined) return undefined;
      await records.refreshTokens.forgetSealed(hash);
      return moveOn(records, sessionId, now);
    });
    if (holder === undefined) return undefined;
    const refreshExpiresAt = holder.session.expiresAt;
    return issuePair(mint, { ...holder, refreshToken, refreshExpiresAt, now });
  }

  async function moveOn(records: Records, sessionId: string, now: Date): Promise<Holder> {
    const seen = await records.sessions.findLive(sessionId, now);
    if (seen === undefined) throw authErrors.REFRESH_INVALID();
    // The row lock that this takes orders a refresh and the end of its session.
    const session = await records.sessions.touch(sessionId, now, refreshExpiry(now, seen.endsAt));
    if (session === undefined) throw authErrors.REFRESH_INVALID();
    return { session, account: await activeAccount(records, session) };
  }

  /** A token that was used before, or never was good. */
  async function repeat({ token, hash, now }: Presented, origin: Origin): Promise<TokenPair> {
    const state = await store.read.refreshTokens.find(hash);
    if (state?.usedAt === undefined) throw authErrors.REFRESH_INVALID();
    const session = await store.read.sessions.findLive(state.sessionId, now);
    if (session === undefined) throw authErrors.REFRESH_INVALID();
    const { successorSealed, successorExpiresAt, usedAt, successorUsed } = state;
    const honest = isHonestRepeat({ usedAt, successorUsed }, now);
    if (!honest || successorSealed === undefined || successorExpiresAt === undefined) {
      await endFamily(state, session, { now, origin });
      throw authErrors.REFRESH_INVALID();
    }
    const account = await activeAccount(store.read, session);
    const refreshToken = secrets.open(token, successorSealed);
    const refreshExpiresAt = successorExpiresAt;
    return issuePair(mint, { account, session, refreshToken, refreshExpiresAt, now });
  }

  async function endFamily(
    state: RefreshTokenState,
    session: Session,
    { now, origin }: { readonly now: Date; readonly origin: Origin },
  ): Promise<void> {
    await store.transaction(async (records) => {
      const { sessionId } = state;
      if (!(await endSession(records, { sessionId }, { reason: 'refresh_reused', now }))) return;
      const entry = { action: 'refresh.reused', target: sessionId } as const;
      await records.audit.add({ actor: session.accountId, ...entry }, origin, now);
    });
    parts.hint();
  }
}

interface Holder {
  readonly account: Account;
  readonly session: Session;
}

async function activeAccount(records: Records, session: Session): Promise<Account> {
  const account = await records.accounts.find(session.accountId);
  if (account?.status !== 'ACTIVE') throw authErrors.REFRESH_INVALID();
  return account;
}
