/** A person's sessions: listing them, and ending one. */
import * as audit from '../audit/store.ts';
import * as changes from '../changes/store.ts';
import { type Base, nowOf, type Origin } from '../common/base.ts';
import { authErrors } from '../common/errors.ts';
import type { Db } from '../database.ts';
import { hashRefreshToken } from './refresh-secrets.ts';
import * as refreshTokens from './refresh-token-store.ts';
import type { EndReason, Session } from './rules.ts';
import * as sessions from './store.ts';

const MOST_LISTED = 200;

export interface Sessions {
  /** Live ones, newest first, 200 at most: more than a person can look through. */
  list(accountId: string): Promise<readonly Session[]>;
  /** @throws auth.session_unknown when it is not live, or not this person's: not told apart. */
  end(
    session: { readonly sessionId: string; readonly accountId: string },
    origin: Origin,
  ): Promise<void>;
  /**
   * Ends the session of a refresh token, a used one included. For an unknown token, or a session
   * that has ended, nothing is done and nothing is said (RFC 7009, section 2.2).
   */
  logOut(refreshToken: string, origin: Origin): Promise<void>;
}

export function createSessions({ database, clock, hint }: Base): Sessions {
  return {
    list: (accountId) =>
      sessions.listLive(database.read, accountId, { now: nowOf(clock), limit: MOST_LISTED }),

    async end(session, origin) {
      const ended = await database.transaction(async (tx) => {
        const now = nowOf(clock);
        if (!(await endSession(tx, session, { reason: 'ended_by_owner', now }))) return false;
        const { accountId: actor, sessionId: target } = session;
        await audit.record(tx, { actor, action: 'session.ended', target, origin, at: now });
        return true;
      });
      if (!ended) throw authErrors.SESSION_UNKNOWN();
      hint();
    },

    async logOut(refreshToken, origin) {
      const hash = hashRefreshToken(refreshToken);
      const session = (await refreshTokens.find(database.read, hash, nowOf(clock)))?.session;
      if (session === undefined) return;
      const { sessionId, accountId: actor } = session;
      await database.transaction(async (tx) => {
        const now = nowOf(clock);
        if (!(await endSession(tx, { sessionId }, { reason: 'logout', now }))) return;
        await audit.record(tx, { actor, action: 'logout', target: sessionId, origin, at: now });
      });
      hint();
    },
  };
}

/**
 * Revokes a live session and tells everyone who caches decisions, in the caller's transaction.
 *
 * @returns false when there is no such live session; then nothing was changed or told.
 */
export async function endSession(
  tx: Db,
  session: sessions.SessionKey,
  end: { readonly reason: EndReason; readonly now: Date },
): Promise<boolean> {
  if (!(await sessions.revoke(tx, session, end))) return false;
  await changes.append(tx, { kind: 'session_revoked', about: session.sessionId }, end.now);
  return true;
}
