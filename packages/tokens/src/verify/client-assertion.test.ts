import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { SignJWT } from 'jose';
import { generateSigningKey } from '../keys/generate.ts';
import {
  ecKey,
  encode,
  forge,
  ISSUER,
  NOW,
  NOW_MS,
  rsaKey,
  testClock,
  verificationKey,
} from '../test-support/forge.ts';
import { clientOfAssertion, verifyClientAssertion } from './client-assertion.ts';

const CLIENT = 'cli_1';
const ENDPOINT = `${ISSUER}/oauth2/token`;
const good = { iss: CLIENT, sub: CLIENT, aud: ISSUER, jti: 'a1', iat: NOW, exp: NOW + 60 };
const options = {
  clientId: CLIENT,
  keys: [verificationKey(rsaKey), verificationKey(ecKey)],
  audiences: [ISSUER, ENDPOINT],
  clock: testClock(),
};

const verify = (assertion: string, change: Partial<typeof options> = {}) =>
  verifyClientAssertion({ ...options, ...change, assertion });
const of = (change: object, header: object = { alg: 'ES256' }) =>
  forge(ecKey, header, { ...good, ...change });

test('what jose makes is good, by either algorithm, for the issuer or the endpoint', async () => {
  for (const key of [rsaKey, ecKey]) {
    for (const audience of [ISSUER, ENDPOINT, [ISSUER]]) {
      const assertion = await new SignJWT()
        .setProtectedHeader({ alg: key.alg, kid: 'as the client calls it'.replaceAll(' ', '-') })
        .setIssuer(CLIENT)
        .setSubject(CLIENT)
        .setAudience(audience)
        .setJti('j1')
        .setIssuedAt(NOW)
        .setExpirationTime(NOW + 60)
        .sign(key.privateKey);
      assert.equal(clientOfAssertion(assertion), CLIENT);
      assert.deepEqual(verify(assertion), { jti: 'j1', expiresAtSeconds: NOW + 60 });
    }
  }
});

test('typ is optional, JWT or that of an assertion, and no other: no token of ours is one', () => {
  for (const typ of ['JWT', 'client-authentication+jwt']) verify(of({}, { alg: 'ES256', typ }));
  for (const typ of ['at+jwt', 'txntoken+jwt', 'gatehouse-key-proof+jwt', 'jwt']) {
    assert.throws(() => verify(of({}, { alg: 'ES256', typ })), { code: 'type' }, typ);
  }
});

test('the algorithm is the key’s: none, HMAC with a public key, and a foreign key are refused', () => {
  const pem = rsaKey.publicKey.export({ format: 'pem', type: 'spki' });
  const input = `${encode({ alg: 'HS256' })}.${encode(good)}`;
  const hmac = createHmac('sha256', pem).update(input).digest('base64url');
  assert.throws(() => verify(`${input}.${hmac}`), { code: 'algorithm' });
  assert.throws(() => verify(`${encode({ alg: 'none' })}.${encode(good)}.e30`), {
    code: 'algorithm',
  });
  const other = generateSigningKey('ES256');
  assert.throws(() => verify(forge(other, { alg: 'ES256' }, good)), { code: 'signature' });
  // Signed by the EC key, said to be the RSA key's.
  assert.throws(() => verify(forge(ecKey, { alg: 'RS256' }, good)), { code: 'signature' });
  assert.throws(() => verify(of({}), { keys: [verificationKey(rsaKey)] }), { code: 'algorithm' });
});

test('a header that brings its own key, or is critical, is refused', () => {
  for (const member of [{ jwk: {} }, { jku: 'https://x' }, { x5c: [] }, { crit: ['exp'] }]) {
    assert.throws(() => verify(of({}, { alg: 'ES256', ...member })), { code: 'malformed' });
  }
});

test('an assertion for somebody else, or for others too, is refused', () => {
  for (const aud of [
    undefined,
    '',
    'https://other.example',
    `${ISSUER}/`,
    [ISSUER, 'https://b'],
    [],
  ]) {
    assert.throws(() => verify(of({ aud })), { code: 'audience' }, String(aud));
  }
  assert.throws(() => verify(of({ iss: 'cli_2', sub: 'cli_2' })), { code: 'issuer' });
  assert.throws(() => verify(of({ sub: 'cli_2' })), { code: 'claim' });
  assert.throws(() => clientOfAssertion(of({ sub: 'cli_2' })), { code: 'claim' });
});

test('its time is short and now', () => {
  assert.throws(() => verify(of({ exp: NOW })), { code: 'claim' });
  assert.throws(() => verify(of({ iat: NOW - 100, exp: NOW - 1 })), { code: 'expired' });
  assert.throws(() => verify(of({ exp: NOW + 306 })), { code: 'claim' });
  assert.throws(() => verify(of({ iat: NOW + 6 })), { code: 'not_yet_valid' });
  assert.throws(() => verify(of({ nbf: NOW + 6 })), { code: 'not_yet_valid' });
  assert.throws(() => verify(of({ exp: undefined })), { code: 'claim' });
  assert.equal(verify(of({ iat: undefined })).expiresAtSeconds, NOW + 60);
  const late = testClock(NOW_MS + 60_000);
  assert.throws(() => verify(of({}), { clock: late }), { code: 'expired' });
});

test('without jti there is no protection against replay, and it is refused', () => {
  for (const jti of [undefined, '', 7, 'a b']) {
    assert.throws(() => verify(of({ jti })), { code: 'claim' }, String(jti));
  }
});

test('a duplicate member and what is no token are refused', () => {
  const twice = `{"iss":"${CLIENT}","iss":"${CLIENT}","sub":"${CLIENT}"}`;
  assert.throws(() => verify(forge(ecKey, { alg: 'ES256' }, twice)), { code: 'malformed' });
  for (const text of ['', 'a.b', 'a.b.c', '..']) {
    assert.throws(() => clientOfAssertion(text), { code: 'malformed' }, text);
  }
});
