import type { KeySource } from '@gatehouse/tokens';
import type { AccessFeed } from './feed/feed.ts';

/**
 * A source of keys without those that the news say are revoked. The news come within a quarter of a
 * second and need no fetch, so that neither a slow key server nor a cached document keeps a stolen key
 * good for longer.
 */
export function trustedKeys(keys: KeySource, news: Pick<AccessFeed, 'isKeyRevoked'>): KeySource {
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
    find: (kid) => (news.isKeyRevoked(kid) ? undefined : keys.find(kid)),
    refresh: () => keys.refresh(),
  };
}
