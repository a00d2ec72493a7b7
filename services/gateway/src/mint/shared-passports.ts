/** Passports of GET and HEAD that may serve several requests, for a short while. */
import type { Clock } from '@gatehouse/tokens';

/** What a passport may be shared between: equal in every member. */
export interface ShareKey {
  readonly token: string;
  readonly methodId: string;
  readonly address: string;
  readonly kid: string;
}

/** A bounded, short-lived cache of passports. */
export interface SharedPassports {
  get(key: ShareKey): string | undefined;
  /** @param sessionId - the session whose end takes the passport with it. */
  set(key: ShareKey, passport: { readonly token: string; readonly sessionId: string }): void;
  dropSession(sessionId: string): void;
}

const SHARE_MS = 10_000;
const MAX_ENTRIES = 10_000;

/**
 * Makes the cache: 10 s at most from its making, 10 000 entries, the oldest out first.
 *
 * Not checked here: revocations beside a session's end, and the token's expiry; the token is
 * verified before each use, cached or not.
 */
export function createSharedPassports(options: {
  readonly clock: Clock;
  readonly maxEntries?: number;
}): SharedPassports {
  const { clock, maxEntries = MAX_ENTRIES } = options;
  // In order of making, so of expiry.
  const entries = new Map<
    string,
    { readonly passport: string; readonly sessionId: string; readonly untilMs: number }
  >();
  const sweep = (): void => {
    const nowMs = clock.nowMs();
    for (const [name, { untilMs }] of entries) {
      if (untilMs > nowMs && entries.size < maxEntries) return;
      entries.delete(name);
    }
  };
  return {
    get: (key) => {
      const entry = entries.get(nameOf(key));
      return entry !== undefined && entry.untilMs > clock.nowMs() ? entry.passport : undefined;
    },
    set: (key, { token, sessionId }) => {
      const name = nameOf(key);
      entries.delete(name);
      sweep();
      entries.set(name, { passport: token, sessionId, untilMs: clock.nowMs() + SHARE_MS });
    },
    dropSession: (sessionId) => {
      for (const [name, entry] of entries) {
        if (entry.sessionId === sessionId) entries.delete(name);
      }
    },
  };
}

function nameOf({ token, methodId, address, kid }: ShareKey): string {
  // None of them can hold a space.
  return `${methodId} ${kid} ${address} ${token}`;
}
