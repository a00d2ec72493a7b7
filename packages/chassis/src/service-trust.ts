/** Verification of service tokens: who calls over plain HTTP, where no certificate says so. */
import { trustedKeys } from '@gatehouse/access';
import {
  createRemoteKeySet,
  createServiceTokenVerifier,
  type KeySetEvent,
} from '@gatehouse/tokens';
import type { Logger } from 'pino';
import type { ServiceTokenTrust } from './context.ts';
import { mtlsFetchDocument } from './tls/fetch-document.ts';
import { spiffeIdFor } from './tls/spiffe.ts';
import { assertNews, startFeed, type TrustOptions } from './trust.ts';

const ACCESS_KEYS_PATH = '/.well-known/jwks.json';

/** Trust that has begun to listen. */
export interface RunningServiceTrust extends ServiceTokenTrust {
  close(): Promise<void>;
}

/**
 * Starts to fetch auth's keys and to listen for news. Returns at once: while auth is away the service
 * runs, says that it is not ready, and goes on trying. Several keys may live at a time, each by its
 * `kid`; news of a change fetches them anew, so that a rotation or an emergency is heard within a second.
 *
 * @param issuer - the `iss` of service tokens, compared exactly.
 */
export function startServiceTrust(options: TrustOptions, issuer: string): RunningServiceTrust {
  const { trustDomain, clock, log, readiness } = options;
  const keys = createRemoteKeySet({
    url: new URL(ACCESS_KEYS_PATH, options.keysUrl),
    fetchDocument: mtlsFetchDocument(options.tls, spiffeIdFor(trustDomain, 'auth')),
    clock,
    onEvent: (event) => logKeys(log, event),
  });
  const feed = startFeed(options, () => void keys.reload());
  // It never throws; it reports through its events.
  void keys.start();
  const verifier = createServiceTokenVerifier({
    issuer,
    audience: trustDomain,
    keys: trustedKeys(keys, feed),
    revocations: feed,
    clock,
  });
  readiness.add('service keys', () => {
    if (!keys.ready) throw new Error('no keys from auth yet');
  });
  return {
    keys,
    feed,
    verify: async (token) => {
      assertNews(feed);
      return verifier.verifyCached(token) ?? (await verifier.verify(token));
    },
    close: async () => {
      keys.close();
      await feed.close();
    },
  };
}

function logKeys(log: Logger, event: KeySetEvent): void {
  if (event.type === 'failed') log.warn({ err: event.error }, 'the keys could not be fetched');
  else log.debug({ keys: event.keys, refused: event.refused }, 'the keys were fetched');
}
