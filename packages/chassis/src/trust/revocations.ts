/** Auth's revocation feed, followed by one stream for the whole process. */
import { type AccessFeed, type AccessFeedEvent, createAccessFeed } from '@gatehouse/access';
import type { ServiceClient } from '@gatehouse/client/grpc';
import type { AuthService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import { KeysUnavailableError } from '@gatehouse/tokens';
import type { Logger } from 'pino';
import type { ProcessParts } from '../process/parts.ts';

/** Gives the client of auth. */
export type AuthClientOf = () => ServiceClient<typeof AuthService>;

/**
 * The longest life of an access token. A feed that is silent for longer could hide any revocation, that
 * of a key included, so that nothing is accepted any more.
 */
const MAX_SILENCE_MS = 15 * 60_000;

/** Starts to follow the feed. It never throws; it goes on trying while auth is unavailable. */
export function followRevocations(parts: ProcessParts, auth: AuthClientOf): AccessFeed {
  const { clock, log, telemetry, readiness, closers } = parts;
  const client = auth();
  const feed = createAccessFeed({
    open: (signal) => client.watchAccessChanges({}, { signal }),
    clock,
    onEvent: (event) => logEvent(log, event),
  });
  feed.start();
  closers.add('revocation feed', () => feed.close());
  readiness.add('revocation feed', () => {
    if (!feed.ready) throw new Error('no revocations from auth yet');
    return feed.stale ? 'stale: methods marked fresh are refused' : undefined;
  });
  telemetry.meter
    .createObservableGauge('gatehouse.revocations.age', {
      unit: 's',
      description: 'Time since the last message of the revocation feed',
    })
    .addCallback((result) => result.observe(feed.ageMs() / 1_000));
  return feed;
}

/** @throws KeysUnavailableError when the feed was silent for so long that it vouches for nothing. */
export function assertNotSilent(feed: AccessFeed): void {
  if (feed.ready && feed.ageMs() > MAX_SILENCE_MS) throw new KeysUnavailableError();
}

function logEvent(log: Logger, event: AccessFeedEvent): void {
  switch (event.kind) {
    case 'disconnected':
      log.warn({ err: event.cause, retryInMs: event.retryInMs }, 'revocation feed disconnected');
      return;
    case 'listener_failed':
      log.error({ err: event.cause }, 'a listener to the revocation feed failed');
      return;
    default:
      log.debug({ kind: event.kind, position: String(event.position) }, 'revocation feed');
  }
}
