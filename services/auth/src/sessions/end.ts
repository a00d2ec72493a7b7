/** A person's sessions: listing them, and ending one. */

import type { ChangeHint, Clock, Origin, RefreshSecrets, Store } from '../common/base.ts';
import { authErrors } from '../common/errors.ts';
import { endSession } from './end-session.ts';
import type { Session } from './rules.ts';

const MOST_LISTED = 200;

export interface SessionsParts {
  readonly store: Store;
  readonly secrets: RefreshSecrets;
  readonly clock: Clock;
  readonly hint: ChangeHint;
}

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

export function createSessions(parts: SessionsParts): Sessions {
  const { store } = parts;
  const now = () => new Date(parts.clock.nowMs());

  return {
    list: (accountId) => store.read.sessions.listLive(accountId, now(), MOST_LISTED),

    async end(session, origin) {
      const ended = await store.transaction(async (records) => {
        const at = now();
        const end = { reason: 'ended_by_owner', now: at } as const;
        if (!(await endSession(records, session, end))) return false;
        const entry = { actor: session.accountId, target: session.sessionId } as const;
        await records.audit.add({ ...entry, action: 'session.ended' }, origin, at);
        return true;
      });
      if (!ended) throw authErrors.SESSION_UNKNOWN();
      parts.hint();
    },

    async logOut(refreshToken, origin) {
      const token = await store.read.refreshTokens.find(parts.secrets.hash(refreshToken));
      if (token === undefined) return;
      const { sessionId } = token;
      const session = await store.read.sessions.findLive(sessionId, now());
      if (session === undefined) return;
      await store.transaction(async (records) => {
        const at = now();
        if (!(await endSession(records, { sessionId }, { reason: 'logout', now: at }))) return;
        const entry = { actor: session.accountId, action: 'logout', target: sessionId } as const;
        await records.audit.add(entry, origin, at);
      });
      parts.hint();
    },
  };
}
