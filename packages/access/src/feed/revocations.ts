/** What is known of withdrawn access: the cache behind the feed. Pure: no connection, no timers. */
import type {
  AccessSnapshot,
  KeyRevoked,
  SessionRevoked,
  SubjectVersion,
  TokenRevoked,
} from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import type { Clock, RevocationView } from '@gatehouse/tokens';

/** The revocations known at this moment. */
export interface Revocations extends RevocationView {
  isKeyRevoked(kid: string): boolean;
  /** Forgets everything and knows this instead; returns what was not known before. */
  replace(snapshot: AccessSnapshot): {
    readonly sessions: readonly string[];
    readonly keys: readonly string[];
  };
  /** Returns whether it was not known before. */
  addSession(change: SessionRevoked): boolean;
  addToken(change: TokenRevoked): void;
  addSubject(change: SubjectVersion): void;
  /** Returns whether it was not known before. */
  addKey(change: KeyRevoked): boolean;
  /** Drops what has expired, once a minute at most: call it as often as convenient. */
  tidy(): void;
  /** Entries held. */
  readonly size: number;
}

interface MinimumVersion {
  readonly version: bigint;
  readonly expiresAtMs: number;
}

interface Known {
  readonly sessions: Map<string, number>;
  readonly tokens: Map<string, number>;
  readonly subjects: Map<string, MinimumVersion>;
  readonly keys: Map<string, number>;
}

type Expiry = Pick<SessionRevoked | TokenRevoked | SubjectVersion | KeyRevoked, 'expiresAt'>;

// A verifier accepts a token a little past its expiry, for clocks that differ. A revocation must be
// remembered for longer than that, or it ends before the token does.
const FORGET_AFTER_EXPIRY_MS = 120_000;
const TIDY_INTERVAL_MS = 60_000;

/** An empty cache. An entry is forgotten two minutes after the expiry that auth gave it. */
export function createRevocations(clock: Clock): Revocations {
  let known: Known = nothing();
  let tidiedAtMs = clock.nowMs();
  return {
    isRevoked: (claims) => {
      const nowMs = clock.nowMs();
      return (
        isListed(known.tokens, claims.jti, nowMs) ||
        isListed(known.sessions, claims.sid, nowMs) ||
        isOutdated(known.subjects.get(claims.sub), claims.sv, nowMs)
      );
    },
    isKeyRevoked: (kid) => isListed(known.keys, kid, clock.nowMs()),
    replace: (snapshot) => {
      // Built aside and put in place by one assignment: nobody sees half of it.
      const next = nothing();
      for (const change of snapshot.sessions) keepLonger(next.sessions, change.sessionId, change);
      for (const change of snapshot.tokens) keepLonger(next.tokens, change.tokenId, change);
      for (const change of snapshot.subjects) keepHigher(next.subjects, change);
      for (const change of snapshot.keys) keepLonger(next.keys, change.kid, change);
      const before = known;
      known = next;
      return {
        sessions: newIn(next.sessions, before.sessions),
        keys: newIn(next.keys, before.keys),
      };
    },
    addSession: (change) => {
      const isNews = !known.sessions.has(change.sessionId);
      keepLonger(known.sessions, change.sessionId, change);
      return isNews;
    },
    addToken: (change) => keepLonger(known.tokens, change.tokenId, change),
    addSubject: (change) => keepHigher(known.subjects, change),
    addKey: (change) => {
      const isNews = !known.keys.has(change.kid);
      keepLonger(known.keys, change.kid, change);
      return isNews;
    },
    tidy: () => {
      const nowMs = clock.nowMs();
      if (nowMs - tidiedAtMs < TIDY_INTERVAL_MS) return;
      tidiedAtMs = nowMs;
      dropExpired(known, nowMs);
    },
    get size() {
      return known.sessions.size + known.tokens.size + known.subjects.size + known.keys.size;
    },
  };
}

function nothing(): Known {
  return { sessions: new Map(), tokens: new Map(), subjects: new Map(), keys: new Map() };
}

function newIn(now: Map<string, number>, before: Map<string, number>): readonly string[] {
  return [...now.keys()].filter((id) => !before.has(id));
}

function isListed(list: Map<string, number>, id: string | undefined, nowMs: number): boolean {
  return id !== undefined && nowMs < (list.get(id) ?? 0);
}

// A token without a version is not measured by one: its kind has none.
function isOutdated(
  least: MinimumVersion | undefined,
  version: number | undefined,
  nowMs: number,
): boolean {
  if (least === undefined || version === undefined || nowMs >= least.expiresAtMs) return false;
  // Written so that a version that is no number counts as outdated.
  return !(version >= Number(least.version));
}

function keepLonger(list: Map<string, number>, id: string, change: Expiry): void {
  list.set(id, Math.max(list.get(id) ?? 0, forgetAtMs(change)));
}

function keepHigher(list: Map<string, MinimumVersion>, change: SubjectVersion): void {
  const before = list.get(change.subject);
  const expiresAtMs = forgetAtMs(change);
  list.set(change.subject, {
    version:
      before === undefined || change.version > before.version ? change.version : before.version,
    expiresAtMs: Math.max(before?.expiresAtMs ?? 0, expiresAtMs),
  });
}

// Without an expiry it is kept until a snapshot leaves it out.
function forgetAtMs({ expiresAt }: Expiry): number {
  if (expiresAt === undefined) return Number.POSITIVE_INFINITY;
  return (Number(expiresAt.seconds) + 1) * 1_000 + FORGET_AFTER_EXPIRY_MS;
}

function dropExpired(known: Known, nowMs: number): void {
  for (const list of [known.sessions, known.tokens, known.keys]) {
    for (const [id, forgetMs] of list) if (nowMs >= forgetMs) list.delete(id);
  }
  for (const [id, { expiresAtMs }] of known.subjects) {
    if (nowMs >= expiresAtMs) known.subjects.delete(id);
  }
}
