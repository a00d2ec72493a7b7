/** What has to be done from time to time, whoever calls or not. */

import type { Clock } from '../common/base.ts';
import { LIFETIMES, secondsAfter } from '../common/lifetimes.ts';

/** Deletes what is over. Each is one statement and may run in several copies at once. */
export interface Cleaner {
  /** Successors of refresh tokens that were used before this moment. */
  eraseSealedSuccessors(usedBefore: Date): Promise<void>;
  /** Changes, proofs and passport keys that nobody needs any more. */
  deleteExpired(limits: {
    readonly now: Date;
    /** Leases that ended before this. */
    readonly leasesEndedBefore: Date;
    /** Sessions and refresh tokens that ended before this. */
    readonly endedBefore: Date;
  }): Promise<void>;
}

export interface HousekeepingParts {
  readonly cleaner: Cleaner;
  readonly closeGivenUpSignUps: () => Promise<void>;
  readonly reloadKeys: () => Promise<void>;
  readonly rotateKeysDue: () => Promise<void>;
  readonly clock: Clock;
}

/** One round. Throws what its parts throw: the next round tries again. */
export function createHousekeeping(parts: HousekeepingParts): () => Promise<void> {
  return async () => {
    const now = new Date(parts.clock.nowMs());
    await parts.cleaner.eraseSealedSuccessors(secondsAfter(now, -LIFETIMES.refreshGraceSeconds));
    await parts.cleaner.deleteExpired({
      now,
      leasesEndedBefore: secondsAfter(now, -2 * LIFETIMES.passportSeconds),
      endedBefore: secondsAfter(now, -LIFETIMES.deadRowSeconds),
    });
    // A lease that another copy renewed, or that ran out, is no change of the feed.
    await parts.reloadKeys();
    await parts.rotateKeysDue();
    await parts.closeGivenUpSignUps();
  };
}
