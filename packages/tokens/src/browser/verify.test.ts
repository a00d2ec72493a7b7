import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateSigningKey, toPublicJwk } from '../keys/generate.ts';
import type { SigningKey } from '../keys/types.ts';
import {
  accessClaims,
  EDGE,
  ecKey,
  forge,
  headerOf,
  ISSUER,
  NOW,
  rsaKey,
  testClock,
} from '../test-support/forge.ts';
import { createBrowserVerifier } from './verify.ts';

const jwks = { keys: [toPublicJwk(rsaKey), toPublicJwk(ecKey)] };
const expected = { issuer: ISSUER, audience: EDGE, jwks, clock: testClock() };
const verifier = createBrowserVerifier(expected);

const signed = (key: SigningKey, claims: object = accessClaims, header = {}) =>
  forge(key, { ...headerOf(key, 'at+jwt'), ...header }, claims);

test('RS256 and ES256 tokens are verified', async () => {
  for (const key of [rsaKey, ecKey]) {
    const claims = await verifier.verify(signed(key));
    assert.deepEqual(claims, { ...accessClaims });
    assert.ok(Object.isFrozen(claims));
  }
});

test('a changed signature, payload or header is refused', async () => {
  for (const key of [rsaKey, ecKey]) {
    const [header = '', payload = '', signature = ''] = signed(key).split('.');
    const other = signed(key, { ...accessClaims, sub: 'usr_other' }).split('.')[1];
    const flipped = `${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`;
    for (const token of [`${header}.${other}.${signature}`, `${header}.${payload}.${flipped}`]) {
      await assert.rejects(verifier.verify(token), { code: 'signature' });
    }
  }
});

test('ECDSA values that are zero, or a signature in DER, are refused', async () => {
  const [header, payload] = signed(ecKey).split('.');
  for (const length of [0, 63, 64, 65, 72]) {
    const signature = Buffer.alloc(length).toString('base64url');
    await assert.rejects(verifier.verify(`${header}.${payload}.${signature}`), {
      name: 'TokenError',
    });
  }
});

test('what a header may not say is refused before any crypto', async () => {
  const cases: readonly (readonly [object, string])[] = [
    [{ alg: 'none' }, 'algorithm'],
    [{ alg: 'HS256' }, 'algorithm'],
    [{ alg: 'ES256' }, 'algorithm'],
    [{ alg: 'rs256' }, 'algorithm'],
    [{ typ: 'JWT' }, 'type'],
    [{ typ: 'txntoken+jwt' }, 'type'],
    [{ kid: 'nobody' }, 'key_unknown'],
    [{ kid: '__proto__' }, 'key_unknown'],
    [{ crit: ['b64'] }, 'malformed'],
    [{ jwk: toPublicJwk(rsaKey) }, 'malformed'],
    [{ jku: 'https://evil.example' }, 'malformed'],
  ];
  for (const [header, code] of cases) {
    await assert.rejects(verifier.verify(signed(rsaKey, accessClaims, header)), { code });
  }
});

test('what a claim may not say is refused', async () => {
  const cases: readonly (readonly [object, string])[] = [
    [{ iss: 'https://other.example' }, 'issuer'],
    [{ aud: 'other' }, 'audience'],
    [{ aud: [EDGE] }, 'audience'],
    [{ exp: NOW }, 'expired'],
    [{ iat: NOW + 6, exp: NOW + 60 }, 'not_yet_valid'],
    [{ nbf: NOW + 6 }, 'not_yet_valid'],
    [{ nbf: '1' }, 'claim'],
    [{ exp: '9' }, 'claim'],
    [{ cnf: { jkt: 'x' } }, 'confirmation'],
  ];
  for (const [claims, code] of cases) {
    const token = signed(rsaKey, { ...accessClaims, ...claims });
    await assert.rejects(verifier.verify(token), { code }, JSON.stringify(claims));
  }
});

test('a clock that is known to be wrong does no harm', async () => {
  const clock = testClock(expected.clock.nowMs() - 3_600_000);
  await assert.rejects(createBrowserVerifier({ ...expected, clock }).verify(signed(rsaKey)));
  const corrected = createBrowserVerifier({ ...expected, clock, issuerAheadMs: 3_600_000 });
  await corrected.verify(signed(rsaKey));
});

test('keys that are private, weak, or for something else are left out', async () => {
  const good = toPublicJwk(rsaKey);
  const { d } = rsaKey.privateKey.export({ format: 'jwk' });
  const bad: readonly object[] = [
    { ...good, d },
    { ...good, use: 'enc' },
    { ...good, alg: 'PS256' },
    { ...good, n: 'AQAB' },
    { ...good, n: `AA${(good as { n: string }).n}` },
    { ...good, kty: 'oct' },
    { ...good, n: 7 },
    [],
    { ...toPublicJwk(ecKey), kid: rsaKey.kid, crv: 'P-384' },
  ];
  for (const jwk of bad) {
    const made = createBrowserVerifier({ ...expected, jwks: { keys: [jwk] } });
    await assert.rejects(made.verify(signed(rsaKey)), { code: 'key_unknown' });
  }
});

test('a set with a kid twice, and options that mean nothing, are mistakes', () => {
  const jwk = toPublicJwk(generateSigningKey('ES256'));
  assert.throws(
    () => createBrowserVerifier({ ...expected, jwks: { keys: [jwk, jwk] } }),
    TypeError,
  );
  assert.throws(() => createBrowserVerifier({ ...expected, issuer: '' }), TypeError);
  assert.throws(() => createBrowserVerifier({ ...expected, leewaySeconds: 61 }), RangeError);
});
