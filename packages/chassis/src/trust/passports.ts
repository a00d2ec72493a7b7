/** Verification of passports in a service: auth's keys, and auth's news of withdrawn access. */
import {
  type AccessFeed,
  type AccessFeedEvent,
  createAccessFeed,
  trustedKeys,
} from '@gatehouse/access';
import type { ServiceClient } from '@gatehouse/client/grpc';
import type { AuthService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import {
  type Clock,
  createPassportVerifier,
  createRemoteKeySet,
  type KeySetEvent,
  type KeySource,
  KeysUnavailableError,
  type RemoteKeySet,
  type Verifier,
} from '@gatehouse/tokens';
import type { Meter } from '@opentelemetry/api';
import type { Logger } from 'pino';
import type { Readiness } from '../admin/server.ts';
import type { ServiceTrust } from '../context/service-context.ts';
import { mtlsFetchDocument } from '../tls/fetch-document.ts';
import { spiffeIdFor } from '../tls/spiffe.ts';
import type { TlsFiles } from '../tls/tls-files.ts';

const PASSPORT_KEYS_PATH = '/.well-known/txn-jwks.json';
/**
 * The longest life of an access token. News older than that could hide any revocation, that of a key
 * included, so that nothing is accepted any more.
 */
const MAX_NEWS_AGE_MS = 15 * 60_000;

/** What trust is built from. */
export interface TrustOptions {
  readonly trustDomain: string;
  /** GATEHOUSE_KEYS_URL. */
  readonly keysUrl: URL;
  readonly auth: ServiceClient<typeof AuthService>;
  readonly tls: TlsFiles;
  readonly clock: Clock;
  readonly log: Logger;
  readonly meter: Meter;
  readonly readiness: Readiness;
}

/** Trust that has begun to listen. */
export interface RunningTrust extends ServiceTrust {
  close(): Promise<void>;
}

/**
 * Starts to fetch keys and to listen for news. Returns at once: while auth is away the service runs,
 * says that it is not ready, and goes on trying.
 */
export function startTrust(options: TrustOptions): RunningTrust {
  const { trustDomain, clock } = options;
  const { keys, feed, trusted, close } = followAuth(options, PASSPORT_KEYS_PATH);
  const verifier = createPassportVerifier({
    trustDomain,
    keys: trusted,
    revocations: feed,
    clock,
  });
  const trust: RunningTrust = {
    keys,
    feed,
    get newsStale() {
      return feed.stale;
    },
    verify: verifyWithNews(feed, verifier),
    close,
  };
  watchTrust(trust, options);
  return trust;
}

/** A key set of auth and auth's news, both of which go on being asked for while auth is away. */
export interface FollowedAuth {
  readonly keys: RemoteKeySet;
  readonly feed: AccessFeed;
  /** The keys, without those that the news say are revoked. */
  readonly trusted: KeySource;
  close(): Promise<void>;
}

/**
 * Starts to fetch a key set and to listen for news. Never throws: it reports by its logs.
 *
 * @param keysPath - below GATEHOUSE_KEYS_URL.
 */
export function followAuth(options: TrustOptions, keysPath: string): FollowedAuth {
  const { trustDomain, clock, log } = options;
  const keys = createRemoteKeySet({
    url: new URL(keysPath, options.keysUrl),
    fetchDocument: mtlsFetchDocument(options.tls, spiffeIdFor(trustDomain, 'auth')),
    clock,
    onEvent: (event) => logKeys(log, event),
  });
  const feed = startFeed(options, () => void keys.reload());
  void keys.start();
  return {
    keys,
    feed,
    trusted: trustedKeys(keys, feed),
    close: async () => {
      keys.close();
      await feed.close();
    },
  };
}

/**
 * Verifies by the cache first, and nothing at all once the news are too old.
 *
 * @throws KeysUnavailableError then; else what the verifier throws.
 */
export function verifyWithNews<Claims>(
  feed: AccessFeed,
  verifier: Verifier<Claims>,
): (token: string) => Promise<Claims> {
  return async (token) => {
    assertNews(feed);
    return verifier.verifyCached(token) ?? (await verifier.verify(token));
  };
}

/** Starts to listen for auth's news. It never throws; it goes on trying while auth is away. */
function startFeed(options: TrustOptions, onKeysChanged: () => void): AccessFeed {
  const feed = createAccessFeed({
    open: (signal) => options.auth.watchAccessChanges({}, { signal }),
    clock: options.clock,
    onEvent: (event) => logFeed(options.log, event),
  });
  feed.onKeysChanged(onKeysChanged);
  feed.start();
  return feed;
}

/** @throws KeysUnavailableError when there was news, but so long ago that it vouches for nothing. */
function assertNews(feed: AccessFeed): void {
  if (feed.ready && feed.ageMs() > MAX_NEWS_AGE_MS) throw new KeysUnavailableError();
}

function watchTrust({ keys, feed }: ServiceTrust, { readiness, meter }: TrustOptions): void {
  readiness.add('keys', () => {
    if (!keys.ready) throw new Error('no keys from auth yet');
  });
  readiness.add('news', () => {
    if (!feed.ready) throw new Error('no news from auth yet');
    return feed.stale ? 'stale: methods marked fresh are refused' : undefined;
  });
  meter
    .createObservableGauge('gatehouse.keys.age', { unit: 's', description: 'Age of the key set' })
    .addCallback((result) => result.observe(keys.ageMs() / 1_000));
  meter
    .createObservableGauge('gatehouse.access.news.age', {
      unit: 's',
      description: 'Time since the last news of withdrawn access',
    })
    .addCallback((result) => result.observe(feed.ageMs() / 1_000));
}

function logKeys(log: Logger, event: KeySetEvent): void {
  if (event.type === 'failed') log.warn({ err: event.error }, 'the key set could not be fetched');
  else log.debug({ keys: event.keys, refused: event.refused }, 'the key set was fetched');
}

function logFeed(log: Logger, event: AccessFeedEvent): void {
  switch (event.kind) {
    case 'disconnected':
      log.warn({ err: event.cause, retryInMs: event.retryInMs }, 'the news from auth broke off');
      return;
    case 'listener_failed':
      log.error({ err: event.cause }, 'a listener to the news from auth failed');
      return;
    default:
      log.debug({ kind: event.kind, position: String(event.position) }, 'news from auth');
  }
}
