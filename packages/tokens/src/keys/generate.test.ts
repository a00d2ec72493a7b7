import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { calculateJwkThumbprint } from 'jose';
import { ecKey, rsaKey } from '../test-support/forge.ts';
import { toPublicJwk } from './generate.ts';
import { thumbprint } from './thumbprint.ts';

test('a generated key is of the right strength and named by its thumbprint', () => {
  assert.equal(rsaKey.publicKey.asymmetricKeyDetails?.modulusLength, 2048);
  assert.equal(rsaKey.publicKey.asymmetricKeyDetails?.publicExponent, 65537n);
  assert.equal(ecKey.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
  for (const key of [rsaKey, ecKey]) assert.equal(key.kid, thumbprint(key.publicKey));
});

test('the thumbprint is that of RFC 7638, section 3.1, and of jose', async () => {
  for (const key of [rsaKey, ecKey])
    assert.equal(thumbprint(key.publicKey), await calculateJwkThumbprint(toPublicJwk(key)));
  assert.equal(thumbprint(rsaKey.privateKey), rsaKey.kid);
  assert.throws(() => thumbprint(generateKeyPairSync('ed25519').publicKey), TypeError);
});

test('a public JWK has no private member, even of a private key', () => {
  for (const key of [rsaKey, ecKey]) {
    const jwk = toPublicJwk({ ...key, publicKey: key.privateKey });
    assert.deepEqual(jwk, toPublicJwk(key));
    for (const name of ['d', 'p', 'q', 'dp', 'dq', 'qi']) assert.ok(!Object.hasOwn(jwk, name));
  }
});

test('a public JWK states what the key is for, and whom it is bound to', () => {
  const jwk = toPublicJwk(ecKey, { iss: 'spiffe://a/gateway' });
  assert.deepEqual([jwk.use, jwk.alg, jwk.iss], ['sig', 'ES256', 'spiffe://a/gateway']);
  assert.ok(!Object.hasOwn(toPublicJwk(ecKey), 'iss'));
  assert.throws(() => toPublicJwk({ ...ecKey, alg: 'RS256' }), TypeError);
  assert.throws(() => toPublicJwk({ ...rsaKey, alg: 'ES256' }), TypeError);
});
