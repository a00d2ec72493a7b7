import type { Records, SessionKey } from '../common/base.ts';
import type { EndReason } from './rules.ts';

/**
 * Revokes a live session and tells everyone who caches decisions, in the caller's transaction.
 *
 * @returns false when there is no such live session; then nothing was changed or told.
 */
export async function endSession(
  records: Records,
  session: SessionKey,
  end: { readonly reason: EndReason; readonly now: Date },
): Promise<boolean> {
  if (!(await records.sessions.revoke(session, end.reason, end.now))) return false;
  await records.changes.append({ kind: 'session_revoked', about: session.sessionId }, end.now);
  return true;
}
