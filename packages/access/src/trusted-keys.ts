import type { KeySource } from '@gatehouse/tokens';
import type { AccessFeed } from './feed/feed.ts';

/**
 * A source of keys without those that the revocation feed names. A revocation arrives within a quarter of a
 * second and needs no fetch, so that neither a slow key server nor a cached document keeps a stolen key
 * valid for longer.
 */
export function trustedKeys(keys: KeySource, feed: Pick<AccessFeed, 'isKeyRevoked'>): KeySource {
  return {
    get ready() {
      return keys.ready;
    },
    get lastRefreshFailed() {
      return keys.lastRefreshFailed ?? false;
    },
    get refreshing() {
      return keys.refreshing ?? false;
    },
    find: (kid) => (feed.isKeyRevoked(kid) ? undefined : keys.find(kid)),
    refresh: () => keys.refresh(),
  };
}
