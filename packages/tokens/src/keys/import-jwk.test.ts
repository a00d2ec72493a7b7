import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { ecKey, rsaKey } from '../test-support/forge.ts';
import { toPublicJwk } from './generate.ts';
import { assertVerificationKey, importJwk } from './import-jwk.ts';

const rsa = { ...toPublicJwk(rsaKey) };
const ec = { ...toPublicJwk(ecKey, { iss: 'spiffe://example/gateway' }) };

function assertRefused(jwk: object, label?: string): void {
  assert.throws(() => importJwk(jwk as never), TypeError, label ?? JSON.stringify(jwk));
}

test('an RSA key verifies RS256, a P-256 key ES256, and the issuer is kept', () => {
  const first = importJwk(rsa);
  assert.deepEqual([first.kid, first.alg, first.issuer], [rsaKey.kid, 'RS256', undefined]);
  assert.ok(first.key.equals(rsaKey.publicKey));
  const second = importJwk(ec);
  assert.deepEqual([second.kid, second.alg, second.issuer], [ecKey.kid, 'ES256', ec.iss]);
  assert.ok(second.key.equals(ecKey.publicKey));
});

test('alg and use are optional, and unknown members are left out', () => {
  const { alg: _alg, use: _use, ...bare } = rsa;
  assert.equal(importJwk({ ...bare, x5t: 'abc', key_ops: ['verify'] }).alg, 'RS256');
});

test('a private member is refused, whatever its value', () => {
  for (const name of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']) {
    assertRefused({ ...rsa, [name]: 'AQAB' });
    assertRefused({ ...ec, [name]: null });
  }
});

test('a kid that is missing or of another form is refused', () => {
  for (const kid of [undefined, null, 1, '', 'a b', 'a'.repeat(257), ['a'], '\0'])
    assertRefused({ ...rsa, kid });
});

test('another type, curve, algorithm or use is refused', () => {
  for (const kty of [undefined, 'oct', 'OKP', 'rsa', 'ec', 1]) assertRefused({ ...rsa, kty });
  for (const crv of [undefined, 'P-384', 'secp256k1', 'p-256']) assertRefused({ ...ec, crv });
  for (const alg of ['RS512', 'PS256', 'ES256', 'HS256', 'none', '', null])
    assertRefused({ ...rsa, alg });
  for (const alg of ['RS256', 'ES384', 'EdDSA']) assertRefused({ ...ec, alg });
  for (const use of ['enc', 'SIG', '', null, ['sig']]) assertRefused({ ...rsa, use });
  for (const key_ops of [[], ['sign'], ['verify', 'sign'], 'verify', null])
    assertRefused({ ...rsa, key_ops });
  for (const iss of ['', null, 1, 'a b', ['a']]) assertRefused({ ...ec, iss });
});

test('an RSA modulus outside 2048 to 8192 bits is refused', () => {
  const small = generateKeyPairSync('rsa', { modulusLength: 2047 }).publicKey;
  assertRefused({ ...rsa, n: small.export({ format: 'jwk' }).n }, '2047 bits');
  const bytes = Buffer.from('n' in rsa ? rsa.n : '', 'base64url');
  assertRefused({ ...rsa, n: bytes.subarray(1).toString('base64url') }, 'a byte less');
  assertRefused({ ...rsa, n: Buffer.concat([Buffer.alloc(1), bytes]).toString('base64url') });
  assertRefused({ ...rsa, n: Buffer.alloc(1025, 0xff).toString('base64url') }, '8200 bits');
  assertRefused({ ...rsa, n: '' });
  assertRefused({ ...rsa, n: 1 });
});

test('an RSA exponent that is small, even, huge or padded is refused', () => {
  for (const bytes of [[1], [3], [17], [0xff, 0xff], [1, 0, 0], [0, 1, 0, 1], [1, 0, 0, 0, 1]])
    assertRefused({ ...rsa, e: Buffer.from(bytes).toString('base64url') });
});

test('a point that is not on the curve, or of another length, is refused', () => {
  const x = Buffer.from('x' in ec ? ec.x : '', 'base64url');
  const off = Buffer.from(x);
  off[31] = (off[31] ?? 0) ^ 1;
  assertRefused({ ...ec, x: off.toString('base64url') }, 'off the curve');
  assertRefused({
    ...ec,
    x: Buffer.alloc(32).toString('base64url'),
    y: Buffer.alloc(32).toString('base64url'),
  });
  assertRefused({ ...ec, x: x.subarray(1).toString('base64url') });
  assertRefused({ ...ec, x: Buffer.concat([Buffer.alloc(1), x]).toString('base64url') });
  assertRefused({ ...ec, y: undefined });
});

test('numbers that are not canonical base64url are refused', () => {
  const { n } = rsa as { n: string };
  for (const spelling of [
    `${n}=`,
    ` ${n}`,
    n.replaceAll('-', '+').replaceAll('_', '/').concat('=='),
  ])
    assertRefused({ ...rsa, n: spelling });
});

test('a key object is held to the same rules', () => {
  const key = { kid: 'k', alg: 'RS256' as const, key: rsaKey.publicKey };
  assert.doesNotThrow(() => assertVerificationKey(key));
  assert.throws(() => assertVerificationKey({ ...key, key: rsaKey.privateKey }), TypeError);
  assert.throws(() => assertVerificationKey({ ...key, alg: 'ES256' }), TypeError);
  const pss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey;
  assert.throws(() => assertVerificationKey({ ...key, key: pss }));
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey;
  assert.throws(() => assertVerificationKey({ kid: 'k', alg: 'ES256', key: p384 }), TypeError);
});
