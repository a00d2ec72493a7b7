import type { Role } from '../accounts/roles.ts';
import { LIFETIMES, secondsAfter } from '../common/lifetimes.ts';

/** One log-in of a person: the family of its refresh tokens. */
export interface Session {
  /** `ses_…` */
  readonly id: string;
  readonly accountId: string;
  /** What the log-in narrowed the scope to; undefined follows the roles. */
  readonly narrowedScope: string | undefined;
  /** The address that opened it, as the gateway saw it; empty when unknown. */
  readonly clientAddress: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
  /** When it ends if it is not refreshed before. */
  readonly expiresAt: Date;
  /** When it ends in any case. */
  readonly endsAt: Date;
}

/** Whom the tokens of a session speak for. */
export interface SessionHolder {
  readonly sessionId: string;
  readonly narrowedScope: string | undefined;
  readonly accountId: string;
  readonly roles: readonly Role[];
  /** `sv` */
  readonly version: number;
}

/** Why a session was ended before its time. */
export type EndReason =
  | 'logout'
  | 'ended_by_owner'
  | 'refresh_reused'
  | 'password_changed'
  | 'suspended';

/** Until when a refresh token issued now is valid: its own life, but never beyond its session's. */
export function refreshExpiry(now: Date, sessionEndsAt: Date): Date {
  const own = secondsAfter(now, LIFETIMES.refreshTokenSeconds);
  return own < sessionEndsAt ? own : sessionEndsAt;
}

/** A refresh token that was presented again, as the database knows it. */
export interface UsedRefreshToken {
  readonly usedAt: Date;
  /** Whether the successor was itself used already. */
  readonly successorUsed: boolean;
}

/**
 * Whether a repeat of a used refresh token is an honest one (two tabs, a lost response) and may have
 * the same successor, or is to be treated as theft.
 *
 * The grace is counted from the first use and is never extended. Once the successor was used, the
 * honest client has it, so that whoever still shows the old token is someone else.
 */
export function isHonestRepeat(token: UsedRefreshToken, now: Date): boolean {
  const graceEnds = secondsAfter(token.usedAt, LIFETIMES.refreshGraceSeconds);
  return now <= graceEnds && !token.successorUsed;
}
