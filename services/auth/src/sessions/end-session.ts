import * as changes from '../changes/store.ts';
import type { Db } from '../database.ts';
import type { EndReason } from './rules.ts';
import * as sessions from './store.ts';

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
