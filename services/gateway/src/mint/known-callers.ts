/** What was found out about a caller, kept for as long as its token is. */
import type { EdgeClaims } from '../identify/edge-claims.ts';
import type { HttpRoute } from '../route/http-route.ts';

/** A caller who was let in: the passport that GET and HEAD may share. */
interface Admission {
  readonly route: HttpRoute;
  readonly address: string;
  readonly kid: string;
  readonly passport: string;
  readonly untilMs: number;
}

/** The request that a passport is looked for. */
export interface Asked {
  readonly claims: EdgeClaims;
  readonly route: HttpRoute;
  readonly address: string;
  /** Of the key that signs passports now. */
  readonly kid: string;
}

/** Callers by their verified claims. */
export interface KnownCallers {
  /** The passport of an equal request of the last ten seconds, which the rule had let in. */
  passport(asked: Asked): string | undefined;
  admit(asked: Asked, passport: string): void;
}

const SHARE_MS = 10_000;
/** Of one token: routes and addresses. */
const MAX_ADMISSIONS = 16;
/** So many callers at most in each of two generations. */
const MAX_CALLERS = 20_000;
const NONE: readonly Admission[] = [];

type Callers = Map<EdgeClaims, readonly Admission[]>;

/**
 * Makes the memory. It goes by the object of the claims, which the verifier's cache hands out for one
 * whole token only, and for as long as that token is good and kept; so nothing here is looked up by the
 * token, or has to hear of a revocation.
 *
 * Two generations: the younger becomes the older when it is full, or after ten seconds, when nothing in the
 * older can be good any more. No WeakMap: of those, each entry is gone through while the process stands
 * still for the collector.
 */
export function createKnownCallers(nowMs: () => number): KnownCallers {
  let young: Callers = new Map();
  let old: Callers = new Map();
  let youngSinceMs = nowMs();
  const admissionsOf = (claims: EdgeClaims): readonly Admission[] =>
    young.get(claims) ?? old.get(claims) ?? NONE;
  const makeRoom = (now: number): void => {
    if (young.size < MAX_CALLERS && now - youngSinceMs < SHARE_MS) return;
    old = young;
    young = new Map();
    youngSinceMs = now;
  };
  return {
    passport: ({ claims, route, address, kid }) => {
      for (const admission of admissionsOf(claims)) {
        if (admission.route !== route || admission.address !== address) continue;
        if (admission.kid === kid && admission.untilMs > nowMs()) return admission.passport;
      }
      return undefined;
    },
    admit: ({ claims, route, address, kid }, passport) => {
      const now = nowMs();
      const others = admissionsOf(claims).filter(
        (known) => known.untilMs > now && !(known.route === route && known.address === address),
      );
      makeRoom(now);
      const made = { route, address, kid, passport, untilMs: now + SHARE_MS };
      young.set(claims, [...others.slice(1 - MAX_ADMISSIONS), made]);
    },
  };
}
