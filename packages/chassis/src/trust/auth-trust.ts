/** What a process takes from auth to verify tokens, each part once, and only what it asks for. */
import { type AccessFeed, trustedKeys } from '@gatehouse/access';
import {
  createPassportVerifier,
  createRemoteKeySet,
  createServiceTokenVerifier,
  type KeySource,
  type Verifier,
} from '@gatehouse/tokens';
import type { EnvReader } from '../config/env-reader.ts';
import { ConfigError } from '../config/errors.ts';
import { once } from '../process/once.ts';
import type { ServiceParts } from '../process/parts.ts';
import { mtlsFetchDocument } from '../tls/fetch-document.ts';
import { spiffeIdFor } from '../tls/spiffe.ts';
import type { PassportGate, ServiceTokenGate } from './gates.ts';
import { type AuthClientOf, assertNotSilent, followRevocations } from './revocations.ts';

/**
 * Asking for a part begins to follow it, and returns at once: while auth is unavailable the process
 * runs, says that it is not ready, and goes on trying. Asking twice gives the same part.
 */
export interface AuthTrust {
  /** The revocation feed alone. Adds the readiness check `revocation feed`. */
  revocations(): AccessFeed;
  /**
   * The keys of access and service tokens (GATEHOUSE_KEYS_URL), without those that the feed says are
   * revoked. Adds the readiness check `access keys`, and that of the feed.
   *
   * @throws ConfigError when the setting is missing, or not `https:`.
   */
  accessKeys(): KeySource;
  /** The keys of passports, likewise. Adds the readiness check `passport keys`. */
  passportKeys(): KeySource;
  /** Verification of passports, by `passportKeys()` and `revocations()`. */
  trust(): PassportGate;
  /** Verification of service tokens (GATEHOUSE_ISSUER), by `accessKeys()` and `revocations()`. */
  serviceTokens(): ServiceTokenGate;
}

const KEY_SETS = {
  access: '/.well-known/jwks.json',
  passport: '/.well-known/txn-jwks.json',
} as const;

/** Makes the trust of one process; nothing is asked of auth before the first part is. */
export function createAuthTrust(parts: ServiceParts, auth: AuthClientOf): AuthTrust {
  const { trustDomain, clock, env } = parts;
  const revocations = once(() => followRevocations(parts, auth));
  const accessKeys = once(() => followKeys(parts, 'access', revocations()));
  const passportKeys = once(() => followKeys(parts, 'passport', revocations()));
  const trust = once((): PassportGate => {
    const feed = revocations();
    const keys = passportKeys();
    const verifier = createPassportVerifier({ trustDomain, keys, revocations: feed, clock });
    return {
      verify: verifyWith(verifier, feed),
      get revocationsStale() {
        return feed.stale;
      },
    };
  });
  const serviceTokens = once((): ServiceTokenGate => {
    const feed = revocations();
    const verifier = createServiceTokenVerifier({
      issuer: env.string('GATEHOUSE_ISSUER'),
      audience: trustDomain,
      keys: accessKeys(),
      revocations: feed,
      clock,
    });
    return { verify: verifyWith(verifier, feed) };
  });
  return { revocations, accessKeys, passportKeys, trust, serviceTokens };
}

function verifyWith<Claims>(
  verifier: Verifier<Claims>,
  feed: AccessFeed,
): (token: string) => Promise<Claims> {
  return async (token) => {
    assertNotSilent(feed);
    return verifier.verifyCached(token) ?? (await verifier.verify(token));
  };
}

/** Several keys may live at a time, each by its `kid`; a change that the feed tells is fetched at once. */
function followKeys(parts: ServiceParts, name: keyof typeof KEY_SETS, feed: AccessFeed): KeySource {
  const { trustDomain, tls, clock, log, telemetry, readiness, closers } = parts;
  const keys = createRemoteKeySet({
    url: new URL(KEY_SETS[name], keysUrlOf(parts.env)),
    fetchDocument: mtlsFetchDocument(tls, spiffeIdFor(trustDomain, 'auth')),
    clock,
    onEvent: (event) => {
      if (event.type === 'failed') log.warn({ err: event.error }, `${name} keys unavailable`);
      else log.debug({ keys: event.keys, rejected: event.refused }, `${name} keys fetched`);
    },
  });
  feed.onKeysChanged(() => void keys.reload());
  // It never throws: it reports by its events.
  void keys.start();
  closers.add(`${name} keys`, async () => keys.close());
  readiness.add(`${name} keys`, () => {
    if (!keys.ready) throw new Error(`no ${name} keys from auth yet`);
  });
  telemetry.meter
    .createObservableGauge('gatehouse.keys.age', {
      unit: 's',
      description: 'Time since a key set of auth was fetched, by which keys it has',
    })
    .addCallback((result) => result.observe(keys.ageMs() / 1_000, { keys: name }));
  return trustedKeys(keys, feed);
}

function keysUrlOf(env: EnvReader): URL {
  const name = 'GATEHOUSE_KEYS_URL';
  const url = env.url(name);
  if (url.protocol !== 'https:') {
    throw new ConfigError(name, 'must begin with https:, such as https://localhost:7412');
  }
  return url;
}
