/** What everyone who caches a decision is told. */
import { LIFETIMES, revocationExpiry, secondsAfter } from '../common/lifetimes.ts';

export type NewChange =
  | { readonly kind: 'session_revoked' | 'token_revoked' | 'key_revoked'; readonly about: string }
  | {
      readonly kind: 'token_claims_change' | 'credential_change';
      readonly about: string;
      readonly version: number;
    }
  | { readonly kind: 'keys_changed' };

export type ChangeKind = NewChange['kind'];

/** A change as it was committed. */
export interface CommittedChange {
  readonly position: bigint;
  readonly kind: ChangeKind;
  /** Session, token, subject or revoked key; empty for a changed key set. */
  readonly about: string;
  readonly version: number;
  readonly expiresAt: Date;
}

/** Until when a change is kept for those who watch. */
export function expiryOf({ kind }: NewChange, now: Date): Date {
  if (kind === 'keys_changed') return secondsAfter(now, LIFETIMES.keysChangedSeconds);
  if (kind === 'key_revoked') return secondsAfter(now, LIFETIMES.keyRevokedSeconds);
  return revocationExpiry(now);
}
