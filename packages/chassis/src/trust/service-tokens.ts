/** Verification of service tokens: who calls over plain HTTP, where no certificate says so. */
import { createServiceTokenVerifier } from '@gatehouse/tokens';
import type { ServiceTokenTrust } from '../context/service-context.ts';
import { followAuth, type TrustOptions, verifyWithNews } from './passports.ts';

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
  const { trustDomain, clock, readiness } = options;
  const { keys, feed, trusted, close } = followAuth(options, ACCESS_KEYS_PATH);
  const verifier = createServiceTokenVerifier({
    issuer,
    audience: trustDomain,
    keys: trusted,
    revocations: feed,
    clock,
  });
  readiness.add('service keys', () => {
    if (!keys.ready) throw new Error('no keys from auth yet');
  });
  return { keys, feed, verify: verifyWithNews(feed, verifier), close };
}
