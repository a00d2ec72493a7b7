/** What was found out about a caller, kept for as long as its token is. */
import type { EdgeClaims } from '../identify/edge-claims.ts';
import type { HttpRoute } from '../routes/http-route.ts';

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

/**
 * Makes the memory. It hangs on the object of the claims, which the verifier's cache hands out for
 * one whole token only, and for as long as that token is good and kept; so nothing here is bounded,
 * looked up by the token, or has to hear of a revocation.
 */
export function createKnownCallers(nowMs: () => number): KnownCallers {
  const callers = new WeakMap<EdgeClaims, readonly Admission[]>();
  return {
    passport: ({ claims, route, address, kid }) => {
      for (const admission of callers.get(claims) ?? NONE) {
        if (admission.route !== route || admission.address !== address) continue;
        if (admission.kid === kid && admission.untilMs > nowMs()) return admission.passport;
      }
      return undefined;
    },
    admit: ({ claims, route, address, kid }, passport) => {
      const now = nowMs();
      const others = (callers.get(claims) ?? NONE).filter(
        (known) => known.untilMs > now && !(known.route === route && known.address === address),
      );
      const made = { route, address, kid, passport, untilMs: now + SHARE_MS };
      callers.set(claims, [...others.slice(1 - MAX_ADMISSIONS), made]);
    },
  };
}

const NONE: readonly Admission[] = [];
