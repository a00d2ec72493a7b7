/** What holds for every kind of token: the cache, keys that come and go, revocation. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeysUnavailableError, TokenError } from '../errors.ts';
import { generateSigningKey } from '../keys/generate.ts';
import type { KeySource, VerificationKey } from '../keys/types.ts';
import {
  accessClaims,
  EDGE,
  forge,
  headerOf,
  ISSUER,
  rsaKey,
  testClock,
  verificationKey,
} from '../test-support/forge.ts';
import { createAccessTokenVerifier } from './access-token.ts';
import type { VerifierOptions } from './types.ts';

const HEADER = headerOf(rsaKey, 'at+jwt');
const TOKEN = forge(rsaKey, HEADER, accessClaims);

/** A key source that a test changes by hand. */
class MutableKeys implements KeySource {
  readonly map = new Map<string, VerificationKey>();
  ready = true;
  lastRefreshFailed = false;
  refreshing = false;
  refreshes = 0;
  onRefresh: () => void = () => {};

  constructor(...keys: VerificationKey[]) {
    for (const key of keys) this.map.set(key.kid, key);
  }

  find(kid: string): VerificationKey | undefined {
    return this.map.get(kid);
  }

  async refresh(): Promise<void> {
    this.refreshes++;
    this.onRefresh();
  }
}

function setUp(options: Partial<VerifierOptions> = {}) {
  const clock = testClock();
  const keys = new MutableKeys(verificationKey(rsaKey));
  const base = { issuer: ISSUER, audience: EDGE, keys, clock };
  return { clock, keys, verifier: createAccessTokenVerifier({ ...base, ...options }) };
}

test('a token is cached once verified, and is then the same object', async () => {
  const { verifier } = setUp();
  assert.equal(verifier.verifyCached(TOKEN), undefined);
  const claims = await verifier.verify(TOKEN);
  assert.equal(verifier.verifyCached(TOKEN), claims);
  assert.equal(await verifier.verify(TOKEN), claims);
});

test('an equal string that is another object hits too', async () => {
  const { verifier } = setUp();
  const claims = await verifier.verify(TOKEN);
  assert.equal(verifier.verifyCached(`Bearer ${TOKEN}`.slice(7)), claims);
});

test('a cached token expires in its second', async () => {
  const { verifier, clock } = setUp();
  await verifier.verify(TOKEN);
  clock.advanceMs(890_000 - 1);
  assert.ok(verifier.verifyCached(TOKEN));
  clock.advanceMs(1);
  assert.equal(verifier.verifyCached(TOKEN), undefined);
  await assert.rejects(verifier.verify(TOKEN), { code: 'expired' });
});

test('a token revoked while cached is refused at once', async () => {
  let revoked = false;
  const seen: unknown[] = [];
  const isRevoked = (claims: object) => {
    seen.push(claims);
    return revoked;
  };
  const { verifier } = setUp({ revocations: { isRevoked } });
  const claims = await verifier.verify(TOKEN);
  assert.equal(verifier.verifyCached(TOKEN), claims);
  revoked = true;
  assert.equal(verifier.verifyCached(TOKEN), undefined);
  await assert.rejects(verifier.verify(TOKEN), { code: 'revoked' });
  const { sub, jti, sid, sv } = accessClaims;
  for (const asked of seen)
    assert.deepEqual({ ...claims, ...(asked as object) }, { ...claims, sub, jti, sid, sv });
});

test('a token whose key is removed while it is cached is refused', async () => {
  const { verifier, keys } = setUp();
  await verifier.verify(TOKEN);
  keys.map.clear();
  assert.equal(verifier.verifyCached(TOKEN), undefined);
  await assert.rejects(verifier.verify(TOKEN), { code: 'key_unknown' });
});

test('a token whose kid got another key while it was cached is refused', async () => {
  const { verifier, keys } = setUp();
  await verifier.verify(TOKEN);
  keys.map.set(rsaKey.kid, { ...verificationKey(generateSigningKey('RS256')), kid: rsaKey.kid });
  assert.equal(verifier.verifyCached(TOKEN), undefined);
  await assert.rejects(verifier.verify(TOKEN), { code: 'signature' });
});

test('a caller who changes the claims it got changes nothing for the next one', async () => {
  const { verifier } = setUp();
  const claims = await verifier.verify(TOKEN);
  for (const change of [
    () => Object.assign(claims, { sub: 'usr_root' }),
    () => Object.assign(claims, { admin: true }),
    () => (claims.roles as string[]).push('admin'),
    () => Object.setPrototypeOf(claims, { admin: true }),
    () => Reflect.deleteProperty(claims, 'exp') || assert.fail(new TypeError('kept')),
  ])
    assert.throws(change, TypeError);
  assert.deepEqual(verifier.verifyCached(TOKEN), accessClaims);
  assert.deepEqual(await verifier.verify(TOKEN), accessClaims);
});

test('a refused token is not cached', async () => {
  const { verifier } = setUp();
  const token = forge(rsaKey, HEADER, { ...accessClaims, aud: 'other' });
  for (let round = 0; round < 2; round++) {
    await assert.rejects(verifier.verify(token), { code: 'audience' });
    assert.equal(verifier.verifyCached(token), undefined);
  }
});

test('without cache every verification is whole', async () => {
  const { verifier } = setUp({ cacheEntries: 0 });
  await verifier.verify(TOKEN);
  assert.equal(verifier.verifyCached(TOKEN), undefined);
});

test('what is no token is no hit', () => {
  const { verifier } = setUp();
  for (const value of [undefined, null, 1, {}, '', 'a'.repeat(1_000_000)])
    assert.equal(verifier.verifyCached(value as string), undefined);
});

test('an unknown kid asks for fresh keys once, and is tried again', async () => {
  const { verifier, keys } = setUp();
  const [key] = keys.map.values();
  keys.map.clear();
  keys.onRefresh = () => key && keys.map.set(key.kid, key);
  await assert.doesNotReject(verifier.verify(TOKEN));
  assert.equal(keys.refreshes, 1);
  await verifier.verify(TOKEN);
  assert.equal(keys.refreshes, 1);
});

test('a kid that stays unknown is refused', async () => {
  const { verifier, keys } = setUp();
  const token = forge(rsaKey, { ...HEADER, kid: 'other' }, accessClaims);
  await assert.rejects(verifier.verify(token), { code: 'key_unknown' });
  assert.equal(keys.refreshes, 1);
});

test('what is not of this kind asks for no keys', async () => {
  const { verifier, keys } = setUp();
  for (const change of [{ typ: 'JWT' }, { alg: 'none' }])
    await assert.rejects(
      verifier.verify(forge(rsaKey, { ...HEADER, kid: 'x', ...change }, {})),
      TokenError,
    );
  assert.equal(keys.refreshes, 0);
});

test('without keys the answer is unavailable, never unauthenticated', async () => {
  const { verifier, keys } = setUp();
  keys.map.clear();
  keys.ready = false;
  await assert.rejects(verifier.verify(TOKEN), (error) => {
    assert.ok(error instanceof KeysUnavailableError);
    assert.equal(error.code, 'keys_unavailable');
    assert.equal(error.retryAfterSeconds, 1);
    return true;
  });
});

test('an unknown kid while keys cannot be refreshed is unavailable', async () => {
  const { verifier, keys } = setUp();
  keys.lastRefreshFailed = true;
  await assert.doesNotReject(verifier.verify(TOKEN));
  const token = forge(rsaKey, { ...HEADER, kid: 'new' }, accessClaims);
  await assert.rejects(verifier.verify(token), KeysUnavailableError);
});

test('an unknown kid while the fetch that may bring it still runs is unavailable', async () => {
  const { verifier, keys } = setUp();
  keys.refreshing = true;
  await assert.doesNotReject(verifier.verify(TOKEN));
  const token = forge(rsaKey, { ...HEADER, kid: 'new' }, accessClaims);
  await assert.rejects(verifier.verify(token), KeysUnavailableError);
});
