import { setTimeout as delay } from 'node:timers/promises';
import type { AccessChange } from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import { backOffMs } from '@gatehouse/runtime';
import { type Clock, type RevocationView, systemClock } from '@gatehouse/tokens';
import { followAccessChanges } from './follow.ts';
import { createRevocations } from './revocations.ts';

/** What happens to a feed, for logs and metrics. */
export type AccessFeedEvent =
  | { readonly kind: 'snapshot'; readonly position: bigint }
  | { readonly kind: 'disconnected'; readonly cause: unknown; readonly retryInMs: number }
  /** A change of a kind that this version does not know. */
  | { readonly kind: 'unknown_change'; readonly position: bigint }
  | { readonly kind: 'listener_failed'; readonly cause: unknown };

/** How a feed connects, and when it is stale. */
export interface AccessFeedOptions {
  /**
   * Opens `AuthService.WatchAccessChanges`. The signal says when nobody listens any more; a stream
   * that does not heed it is left behind.
   */
  readonly open: (signal: AbortSignal) => AsyncIterable<AccessChange>;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Age of the last message from which on the feed is stale. Default 30 000. */
  readonly staleAfterMs?: number;
  readonly onEvent?: (event: AccessFeedEvent) => void;
  /** Waits, unless the signal ends it (then it rejects). Default: the system's timer. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Revoked sessions, accounts and keys, kept current while the feed is open.
 *
 * Away from auth it keeps what it knows and goes on trying. Nothing is lost in between: each
 * connection opens with a snapshot of all that still matters, which takes the place of what was
 * known at once. A gap in the positions makes it connect again.
 */
export interface AccessFeed extends RevocationView {
  /** Begins to listen; returns at once. A second call does nothing. */
  start(): void;
  /** Stops listening. What is known stays known. */
  close(): Promise<void>;
  /** Whether a snapshot was seen; without one nothing is known. */
  readonly ready: boolean;
  /** Whether the last message is older than `staleAfterMs`, or there never was one. */
  readonly stale: boolean;
  /** Milliseconds since the last message, heartbeats included; `Infinity` before the first. */
  ageMs(): number;
  /** Whether a key of auth's sets was revoked: refuse it, whatever a fetched key set says. */
  isKeyRevoked(kid: string): boolean;
  /** Calls when a key set may have changed: at a key revocation, and at each snapshot. */
  onKeysChanged(listener: () => void): void;
  /** Calls once for each key that is revoked, those that were while away included. */
  onKeyRevoked(listener: (kid: string) => void): void;
  /** Calls once for each session that ends, those that ended while away included. */
  onSessionRevoked(listener: (sessionId: string) => void): void;
}

const BACK_OFF = { firstMs: 200, maxMs: 5_000 };
const DEFAULT_STALE_AFTER_MS = 30_000;

/** Makes a feed; {@link AccessFeed.start} begins it. */
export function createAccessFeed(options: AccessFeedOptions): AccessFeed {
  const clock = options.clock ?? systemClock;
  const wait = options.wait ?? waitBySystemTimer;
  const staleAfterMs = options.staleAfterMs ?? DEFAULT_STALE_AFTER_MS;
  const onEvent = options.onEvent ?? (() => undefined);
  const revocations = createRevocations(clock);
  const keyListeners: (() => void)[] = [];
  const sessionListeners: ((sessionId: string) => void)[] = [];
  const revokedKeyListeners: ((kid: string) => void)[] = [];
  const closing = new AbortController();
  let running: Promise<void> | undefined;
  let lastNewsMs = Number.NEGATIVE_INFINITY;
  let ready = false;

  const tell = (listener: () => void) => {
    try {
      listener();
    } catch (cause) {
      onEvent({ kind: 'listener_failed', cause });
    }
  };
  const sessionsEnded = (sessionIds: readonly string[]) => {
    for (const id of sessionIds) for (const listener of sessionListeners) tell(() => listener(id));
  };
  const keysChanged = (revoked: readonly string[] = []) => {
    for (const kid of revoked)
      for (const listener of revokedKeyListeners) tell(() => listener(kid));
    for (const listener of keyListeners) tell(listener);
  };
  const apply = ({ event, position }: AccessChange) => {
    switch (event.case) {
      case 'snapshot': {
        const revoked = revocations.replace(event.value);
        ready = true;
        onEvent({ kind: 'snapshot', position });
        sessionsEnded(revoked.sessions);
        keysChanged(revoked.keys);
        break;
      }
      case 'sessionRevoked':
        if (revocations.addSession(event.value)) sessionsEnded([event.value.sessionId]);
        break;
      case 'tokenRevoked':
        revocations.addToken(event.value);
        break;
      case 'tokenClaimsChange':
      case 'credentialChange':
        revocations.addSubject(event.value);
        break;
      case 'keysChanged':
        keysChanged();
        break;
      case 'keyRevoked':
        if (revocations.addKey(event.value)) keysChanged([event.value.kid]);
        break;
      case 'heartbeat':
        break;
      case undefined:
        onEvent({ kind: 'unknown_change', position });
    }
    revocations.tidy();
    lastNewsMs = clock.nowMs();
  };

  const run = async () => {
    let failures = 0;
    while (!closing.signal.aborted) {
      let cause: unknown;
      try {
        await followAccessChanges({
          open: options.open,
          wait,
          signal: closing.signal,
          onChange: (change) => {
            failures = 0;
            apply(change);
          },
        });
      } catch (error) {
        cause = error;
      }
      if (closing.signal.aborted) return;
      failures += 1;
      const retryInMs = backOffMs(failures, BACK_OFF);
      onEvent({ kind: 'disconnected', cause, retryInMs });
      await wait(retryInMs, closing.signal).catch(() => undefined);
    }
  };

  return {
    isRevoked: revocations.isRevoked,
    isKeyRevoked: revocations.isKeyRevoked,
    start: () => {
      running ??= run();
    },
    close: async () => {
      closing.abort();
      await running;
    },
    get ready() {
      return ready;
    },
    get stale() {
      return clock.nowMs() - lastNewsMs > staleAfterMs;
    },
    ageMs: () => clock.nowMs() - lastNewsMs,
    onKeysChanged: (listener) => {
      keyListeners.push(listener);
    },
    onKeyRevoked: (listener) => {
      revokedKeyListeners.push(listener);
    },
    onSessionRevoked: (listener) => {
      sessionListeners.push(listener);
    },
  };
}

async function waitBySystemTimer(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal });
}
