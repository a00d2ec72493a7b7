import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenError, type TokenErrorCode } from '../errors.ts';
import { createStaticKeySet } from '../keys/static.ts';
import {
  accessClaims,
  EDGE,
  forge,
  headerOf,
  ISSUER,
  NOW,
  rsaKey,
  testClock,
  verificationKey,
} from '../test-support/forge.ts';
import { createAccessTokenVerifier } from './access-token.ts';

const HEADER = headerOf(rsaKey, 'at+jwt');
const keys = createStaticKeySet([verificationKey(rsaKey)]);
const verifier = createAccessTokenVerifier({
  issuer: ISSUER,
  audience: EDGE,
  keys,
  clock: testClock(),
});

async function assertRefused(payload: object | string, code: TokenErrorCode): Promise<void> {
  const label = JSON.stringify(payload);
  await assert.rejects(
    verifier.verify(forge(rsaKey, HEADER, payload)),
    (error) => error instanceof TokenError && error.code === code,
    `${code}: ${label}`,
  );
}

async function assertRefusedValues(name: string, values: unknown[], code: TokenErrorCode) {
  for (const value of values) await assertRefused({ ...accessClaims, [name]: value }, code);
}

test('a good token gives its claims, frozen all the way down', async () => {
  const claims = await verifier.verify(forge(rsaKey, HEADER, accessClaims));
  assert.deepEqual(claims, accessClaims);
  assert.ok(Object.isFrozen(claims));
  assert.ok(Object.isFrozen(claims.roles));
});

test('optional claims are kept, others left out', async () => {
  const extra = { acr: 'urn:mfa', auth_level: 2, email: 'a@example.com' };
  const claims = await verifier.verify(forge(rsaKey, HEADER, { ...accessClaims, ...extra }));
  assert.deepEqual(claims, { ...accessClaims, acr: 'urn:mfa', auth_level: 2 });
});

test('iss must be the issuer, letter by letter', () =>
  assertRefusedValues(
    'iss',
    [
      undefined,
      '',
      null,
      1,
      [ISSUER],
      `${ISSUER}/`,
      ISSUER.toUpperCase(),
      `${ISSUER}.evil.example`,
    ],
    'issuer',
  ));

test('aud must be the audience as one string; a list is refused, even of one', () =>
  assertRefusedValues(
    'aud',
    [undefined, '', null, [EDGE], [EDGE, 'other'], {}, `${EDGE}/`, 'https://other.example'],
    'audience',
  ));

test('exp must be there and be a whole number of seconds in a sane range', () =>
  assertRefusedValues(
    'exp',
    [undefined, null, '1900000000', '', true, [], {}, 0, -1, NOW + 0.5, 1e20, 253_402_300_800],
    'claim',
  ));

test('exp as a number that JSON has but no clock has is refused', async () => {
  for (const number of ['1e400', '-1e400', '1e-5', '-0']) {
    const text = JSON.stringify(accessClaims).replace(/"exp":\d+/, `"exp":${number}`);
    await assertRefused(text, 'claim');
  }
});

test('a token is expired from the second of its exp on, without leeway', async () => {
  await assertRefused({ ...accessClaims, iat: NOW - 60, exp: NOW }, 'expired');
  await assertRefused({ ...accessClaims, iat: NOW - 60, exp: NOW - 1 }, 'expired');
  await assert.doesNotReject(
    verifier.verify(forge(rsaKey, HEADER, { ...accessClaims, exp: NOW + 1 })),
  );
});

test('a leeway for exp must be asked for', async () => {
  const lenient = createAccessTokenVerifier({
    issuer: ISSUER,
    audience: EDGE,
    keys,
    clock: testClock(),
    expiryLeewaySeconds: 2,
  });
  const late = (exp: number) => forge(rsaKey, HEADER, { ...accessClaims, iat: NOW - 60, exp });
  await assert.doesNotReject(lenient.verify(late(NOW - 1)));
  await assert.rejects(lenient.verify(late(NOW - 2)), { code: 'expired' });
});

test('iat and nbf may be five seconds ahead, not six', async () => {
  await assertRefused({ ...accessClaims, iat: NOW + 6 }, 'not_yet_valid');
  await assertRefused({ ...accessClaims, nbf: NOW + 6 }, 'not_yet_valid');
  const ahead = { ...accessClaims, iat: NOW + 5, nbf: NOW + 5 };
  await assert.doesNotReject(verifier.verify(forge(rsaKey, HEADER, ahead)));
});

test('iat is required, nbf is not, and both are times', async () => {
  await assertRefusedValues('iat', [undefined, null, '1', -1, 0, 1.5], 'claim');
  await assertRefusedValues('nbf', [null, '1', -1, 0, 1.5, {}], 'claim');
});

test('a life that ends before it begins is refused', () =>
  assertRefused({ ...accessClaims, iat: NOW + 3, exp: NOW + 3 }, 'claim'));

test('sub must be a person', () =>
  assertRefusedValues(
    'sub',
    [
      undefined,
      null,
      1,
      '',
      'usr_',
      'USR_1',
      'core',
      'anonymous:1',
      'usr_a b',
      'usr_a/b',
      ['usr_1'],
    ],
    'claim',
  ));

test('the other claims must be of their form', async () => {
  for (const name of ['client_id', 'sid', 'jti'])
    await assertRefusedValues(
      name,
      [undefined, null, '', 1, 'a b', 'a\n', 'a'.repeat(513)],
      'claim',
    );
  await assertRefusedValues(
    'scope',
    [undefined, null, ' ', 'a  b', ' a', 'a\tb', 'a"', ['a']],
    'claim',
  );
  await assertRefusedValues('roles', [undefined, null, 'member', [1], [''], [['a']], {}], 'claim');
  await assertRefusedValues('roles', [Array(65).fill('r')], 'claim');
  await assertRefusedValues('sv', [undefined, null, -1, 1.5, '3', 2 ** 53], 'claim');
  await assertRefusedValues('auth_level', [null, -1, 256, '1'], 'claim');
  await assertRefusedValues('acr', [null, '', 1], 'claim');
});

test('a token bound to a key that we cannot check is refused, whatever its cnf is', () =>
  assertRefusedValues('cnf', [{ jkt: 'abc' }, {}, null, 'x', false], 'confirmation'));

test('an error names no value of the token', async () => {
  const token = forge(rsaKey, HEADER, { ...accessClaims, sub: 'secret subject' });
  await assert.rejects(verifier.verify(token), (error) => {
    assert.ok(error instanceof TokenError);
    assert.equal(error.message, 'the token has an invalid claim: sub');
    return true;
  });
});

test('a verifier without issuer, audience or a sane leeway is a mistake', () => {
  const options = { issuer: ISSUER, audience: EDGE, keys };
  assert.throws(() => createAccessTokenVerifier({ ...options, issuer: '' }), TypeError);
  assert.throws(() => createAccessTokenVerifier({ ...options, audience: '' }), TypeError);
  for (const leewaySeconds of [-1, 61, Number.NaN])
    assert.throws(() => createAccessTokenVerifier({ ...options, leewaySeconds }), RangeError);
});
