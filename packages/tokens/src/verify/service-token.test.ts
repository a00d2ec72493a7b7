import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStaticKeySet } from '../keys/static.ts';
import {
  forge,
  headerOf,
  ISSUER,
  rsaKey,
  serviceClaims,
  TRUST_DOMAIN,
  testClock,
  verificationKey,
} from '../test-support/forge.ts';
import { createServiceTokenVerifier } from './service-token.ts';

const HEADER = headerOf(rsaKey, 'at+jwt');
const verifier = createServiceTokenVerifier({
  issuer: ISSUER,
  audience: TRUST_DOMAIN,
  keys: createStaticKeySet([verificationKey(rsaKey)]),
  clock: testClock(),
});

test('a good token gives its claims, frozen', async () => {
  const claims = await verifier.verify(forge(rsaKey, HEADER, serviceClaims));
  assert.deepEqual(claims, serviceClaims);
  assert.ok(Object.isFrozen(claims));
});

test('its subject is its client, and never a person or an anonymous caller', async () => {
  for (const id of [
    'usr_1',
    'usr_',
    'usr_01h455vb4pex5vsknk084sn02q',
    'anonymous:1',
    '',
    1,
    null,
  ]) {
    const claims = { ...serviceClaims, sub: id, client_id: id };
    await assert.rejects(verifier.verify(forge(rsaKey, HEADER, claims)), { code: 'claim' });
  }
  const other = { ...serviceClaims, client_id: 'other' };
  await assert.rejects(verifier.verify(forge(rsaKey, HEADER, other)), { code: 'claim' });
});

test('issuer, audience, times and cnf are checked as of any token', async () => {
  for (const [change, code] of [
    [{ iss: 'https://other.example' }, 'issuer'],
    [{ aud: [TRUST_DOMAIN] }, 'audience'],
    [{ exp: 1 }, 'claim'],
    [{ iat: 1, exp: 2 }, 'expired'],
    [{ cnf: {} }, 'confirmation'],
    [{ jti: undefined }, 'claim'],
  ] as const) {
    const token = forge(rsaKey, HEADER, { ...serviceClaims, ...change });
    await assert.rejects(verifier.verify(token), { code }, JSON.stringify(change));
  }
});

test('a token with a version is revoked by a higher one, and one without is not', async () => {
  const revocations = { isRevoked: ({ sv }: { sv?: number }) => sv !== undefined && sv < 3 };
  const options = { keys: createStaticKeySet([verificationKey(rsaKey)]), clock: testClock() };
  const verifier = createServiceTokenVerifier({
    ...options,
    issuer: ISSUER,
    audience: TRUST_DOMAIN,
    revocations,
  });
  const of = (claims: object) =>
    forge(rsaKey, headerOf(rsaKey, 'at+jwt'), { ...serviceClaims, ...claims });
  assert.equal((await verifier.verify(of({ sv: 3 }))).sv, 3);
  assert.equal((await verifier.verify(of({}))).sv, undefined);
  await assert.rejects(verifier.verify(of({ sv: 2 })), { code: 'revoked' });
  for (const sv of ['3', -1, null])
    await assert.rejects(verifier.verify(of({ sv })), { code: 'claim' });
});
