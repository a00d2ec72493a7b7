import assert from 'node:assert/strict';
import { test } from 'node:test';
import { METHODS } from '@gatehouse/contracts';
import { createTestClock, createTestIssuer } from '@gatehouse/testing';
import { createAccessTokenVerifier } from '@gatehouse/tokens';
import type { Refused } from '../errors.ts';
import { trustedProxies } from '../receive/client-address.ts';
import { createFailureLimit } from './failure-limit.ts';
import { type IdentifyParts, identify } from './identify.ts';

const clock = createTestClock();
const issuer = createTestIssuer({ clock });
const keys = issuer.accessKeys;

function parts(options: Partial<IdentifyParts> & { revoked?: string; keys?: typeof keys } = {}) {
  return {
    verifier: createAccessTokenVerifier({
      issuer: 'http://127.0.0.1:8091',
      audience: 'https://edge.gatehouse.local',
      keys: options.keys ?? keys,
      revocations: { isRevoked: ({ sid }) => sid === options.revoked },
      clock,
    }),
    failures: createFailureLimit(),
    feed: { ready: true, ageMs: () => 0 },
    ...options,
  };
}

function method(name: string) {
  const found = METHODS.find(({ desc }) => desc.name === name);
  assert.ok(found);
  return found;
}

function ask(using: IdentifyParts, authorization: string | undefined, name = 'GetPost') {
  const address = '192.0.2.1';
  return identify(using, { authorization, address, peerAddress: address }, method(name));
}

const INVALID = { headers: { 'www-authenticate': 'Bearer error="invalid_token"' } };

test('a good token gives its claims, from the cache the second time', async () => {
  const token = issuer.accessToken({ scope: 'board:read' });
  const using = parts();
  const first = await ask(using, `Bearer ${token}`);
  const second = await ask(using, `Bearer ${token}`);
  assert.equal(first.claims?.scope, 'board:read');
  assert.equal(second.claims, first.claims);
  assert.equal(second.token, token);
});

test('no token is anonymous', async () => {
  assert.deepEqual(await ask(parts(), undefined), {});
});

test('a credential endpoint looks at no token, however bad', async () => {
  assert.deepEqual(await ask(parts(), 'Bearer rubbish', 'Login'), {});
});

test('a token that is not good is never anonymous', async () => {
  const nowSeconds = Math.floor(clock.nowMs() / 1000);
  const bad = [
    'rubbish',
    issuer.accessToken({ aud: 'other' }),
    issuer.accessToken({ iss: 'other' }),
    issuer.accessToken({ iat: nowSeconds - 60, exp: nowSeconds - 1 }),
    issuer.passport(),
    issuer.accessToken({ sid: 'ses_gone' }),
  ];
  const using = parts({ revoked: 'ses_gone' });
  for (const token of bad) await assert.rejects(ask(using, `Bearer ${token}`), INVALID);
});

test('without keys a token is neither good nor bad: 503', async () => {
  const none = { ready: false, find: () => undefined, refresh: () => Promise.resolve() };
  const using = parts({ keys: none });
  await assert.rejects(ask(using, `Bearer ${issuer.accessToken()}`), { code: 'gateway.not_ready' });
});

test('without a revocation feed, or with one older than any token, 503; anonymous goes on', async () => {
  for (const feed of [
    { ready: false, ageMs: () => Number.POSITIVE_INFINITY },
    { ready: true, ageMs: () => 15 * 60_000 + 1 },
  ]) {
    const using = parts({ feed });
    await assert.rejects(ask(using, `Bearer ${issuer.accessToken()}`), {
      code: 'gateway.not_ready',
    });
    assert.deepEqual(await ask(using, undefined), {});
  }
});

test('only failures count: bad tokens are stopped before the crypto, cached good ones go on', async () => {
  const good = issuer.accessToken();
  const using = parts({ failures: createFailureLimit({ failures: 3 }) });
  await ask(using, `Bearer ${good}`);
  for (let i = 0; i < 3; i += 1) await assert.rejects(ask(using, `Bearer bad${i}`), INVALID);
  for (const token of ['bad3', issuer.accessToken()]) {
    await assert.rejects(ask(using, `Bearer ${token}`), (refusal: Refused) => {
      assert.equal(refusal.error.code, 'gateway.too_many_failures');
      assert.deepEqual(refusal.headers, { connection: 'close' });
      return true;
    });
  }
  assert.equal((await ask(using, `Bearer ${good}`)).token, good);
});

test('a trusted proxy is not let go for what one of its clients does', async () => {
  const failures = createFailureLimit({ failures: 0, proxies: trustedProxies(['192.0.2.1']) });
  await assert.rejects(ask(parts({ failures }), 'Bearer bad'), {
    code: 'gateway.too_many_failures',
  });
});

test('missing keys are no failure of the client', async () => {
  const none = { ready: false, find: () => undefined, refresh: () => Promise.resolve() };
  const using = parts({ keys: none, failures: createFailureLimit({ failures: 1 }) });
  for (let i = 0; i < 3; i += 1) {
    await assert.rejects(ask(using, `Bearer ${issuer.accessToken()}`), {
      code: 'gateway.not_ready',
    });
  }
});
