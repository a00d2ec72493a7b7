/** Passports that GET and HEAD of one token may share, for a short while. */
import type { Clock } from '@gatehouse/tokens';
import type { Asking } from '../decide/request.ts';
import type { EdgeClaims } from '../identify/edge-claims.ts';

/** A passport, and what it may be shared between: equal in every member. */
interface Shared {
  readonly route: Asking['route'];
  readonly address: string;
  readonly kid: string;
  readonly passport: string;
  readonly untilMs: number;
}

/** Passports by the verified claims of their caller, who must have some. */
export interface PassportCache {
  /** @param kid - of the key that signs passports now. */
  find(asking: Asking, kid: string): string | undefined;
  keep(asking: Asking, kid: string, passport: string): void;
}

const SHARE_MS = 10_000;
/** Of one token: routes and addresses. */
const MAX_OF_ONE = 16;
/** So many callers at most in each of two generations. */
const MAX_CALLERS = 20_000;
const NONE: readonly Shared[] = [];

type Callers = Map<EdgeClaims, readonly Shared[]>;

/**
 * Makes the cache: ten seconds from the making of a passport. It goes by the object of the claims, which
 * the verifier's cache hands out for one whole token only, and for as long as that token is good and kept;
 * so nothing here is looked up by the token, or has to hear of a revocation.
 *
 * Two generations: the younger becomes the older when it is full, or after ten seconds, when nothing in the
 * older can be good any more. No WeakMap: of those, each entry is gone through while the process stands
 * still for the collector.
 */
export function createPassportCache(clock: Clock): PassportCache {
  let young: Callers = new Map();
  let old: Callers = new Map();
  let youngSinceMs = clock.nowMs();
  const sharedOf = ({ identity: { claims } }: Asking): readonly Shared[] =>
    claims === undefined ? NONE : (young.get(claims) ?? old.get(claims) ?? NONE);
  const makeRoom = (nowMs: number): void => {
    if (young.size < MAX_CALLERS && nowMs - youngSinceMs < SHARE_MS) return;
    old = young;
    young = new Map();
    youngSinceMs = nowMs;
  };
  return {
    find: (asking, kid) => {
      for (const shared of sharedOf(asking)) {
        if (shared.route !== asking.route || shared.address !== asking.address) continue;
        if (shared.kid === kid && shared.untilMs > clock.nowMs()) return shared.passport;
      }
      return undefined;
    },
    keep: (asking, kid, passport) => {
      const { route, address, identity } = asking;
      if (identity.claims === undefined) return;
      const nowMs = clock.nowMs();
      const others = sharedOf(asking).filter(
        (known) => known.untilMs > nowMs && !(known.route === route && known.address === address),
      );
      makeRoom(nowMs);
      const made = { route, address, kid, passport, untilMs: nowMs + SHARE_MS };
      young.set(identity.claims, [...others.slice(1 - MAX_OF_ONE), made]);
    },
  };
}
