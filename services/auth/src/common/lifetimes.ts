/** How long things live, in one place. Seconds, unless the name says otherwise. */
export const LIFETIMES = {
  /** An access token. Revocations are remembered a little longer than this. */
  accessTokenSeconds: 15 * 60,
  /** A refresh token, counted from its own issue. */
  refreshTokenSeconds: 7 * 24 * 3600,
  /** A session, however often it is refreshed. */
  sessionSeconds: 30 * 24 * 3600,
  /** How long a used refresh token still yields the same successor. Fixed, never extended. */
  refreshGraceSeconds: 10,
  /** After this, an unfinished sign-up may be taken over by another one. */
  abandonedSignUpSeconds: 3600,
  /** A gateway's passport key, from its last registration. */
  passportKeyLeaseSeconds: 600,
  /** How often a gateway is asked to register its key again. */
  passportKeyHeartbeatSeconds: 120,
  /** A key stays published this long after its lease: the longest life of a passport. */
  passportSeconds: 60,
  /** A service token. */
  serviceTokenSeconds: 5 * 60,
  /** How long a client's last secret stays valid beside a new one, unless told otherwise. */
  clientSecretOverlapSeconds: 24 * 3600,
  /** Added to what a revocation must outlive: leeways, clock differences, requests in flight. */
  revocationMarginSeconds: 180,
  /** How long the change of a key set is kept for those who watch. */
  keysChangedSeconds: 3600,
  /** How long a revoked key is named to those who watch: no key set is in use for longer than a day. */
  keyRevokedSeconds: 25 * 3600,
  /** Sessions that have ended, and their refresh tokens, are kept this long. */
  deadRowSeconds: 24 * 3600,
} as const;

/** A moment some seconds after another one. */
export function secondsAfter(start: Date, seconds: number): Date {
  return new Date(start.getTime() + seconds * 1000);
}

/** When a revocation made now may be forgotten: no access token minted before it lives longer. */
export function revocationExpiry(now: Date): Date {
  return secondsAfter(now, LIFETIMES.accessTokenSeconds + LIFETIMES.revocationMarginSeconds);
}
