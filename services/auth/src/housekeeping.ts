/** What has to be done from time to time, whoever calls or not. */
import * as changes from './changes/store.ts';
import { type Base, nowOf } from './common/base.ts';
import { LIFETIMES, secondsAfter } from './common/lifetimes.ts';
import * as grants from './grants/store.ts';
import * as passportKeys from './keys/passport-key-store.ts';
import * as usedProofs from './keys/used-proof-store.ts';
import * as refreshTokens from './sessions/refresh-token-store.ts';
import * as sessions from './sessions/store.ts';

export interface HousekeepingParts extends Base {
  readonly closeGivenUpSignUps: () => Promise<void>;
  readonly reloadKeys: () => Promise<void>;
  readonly rotateKeysDue: () => Promise<void>;
}

/**
 * One round. Each deletion is one statement and may run in several replicas at once. Throws what its
 * parts throw: the next round tries again.
 */
export function createHousekeeping(parts: HousekeepingParts): () => Promise<void> {
  const { read: db } = parts.database;
  return async () => {
    const now = nowOf(parts.clock);
    const endedBefore = secondsAfter(now, -LIFETIMES.deadRowSeconds);
    await refreshTokens.eraseSealed(db, secondsAfter(now, -LIFETIMES.refreshGraceSeconds));
    await changes.deleteExpired(db, now);
    await usedProofs.deleteExpired(db, now);
    await passportKeys.deleteEnded(db, secondsAfter(now, -2 * LIFETIMES.passportSeconds));
    await grants.deleteEnded(db, endedBefore);
    await sessions.deleteEnded(db, endedBefore);
    // A lease that another replica renewed, or that ran out, is no change of the feed.
    await parts.reloadKeys();
    await parts.rotateKeysDue();
    await parts.closeGivenUpSignUps();
  };
}
