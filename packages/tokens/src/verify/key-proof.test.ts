import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import { generateSigningKey } from '../keys/generate.ts';
import { mintKeyProof } from '../mint/key-proof.ts';
import {
  AUTH,
  ecKey,
  forge,
  GATEWAY,
  headerOf,
  NOW,
  NOW_MS,
  rsaKey,
  testClock,
} from '../test-support/forge.ts';
import { type KeyProofOptions, verifyKeyProof } from './key-proof.ts';

const TYP = 'gatehouse-key-proof+jwt';
const claims = { iss: GATEWAY, aud: AUTH, jti: 'proof_1', iat: NOW, exp: NOW + 60 };
const options = { issuer: GATEWAY, audience: AUTH, clock: testClock() };

function spki(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' });
}

function assertRefused(proof: string, code: string, change: Partial<KeyProofOptions> = {}): void {
  const all = { ...options, proof, publicKeySpki: spki(ecKey.publicKey), ...change };
  assert.throws(() => verifyKeyProof(all), { code });
}

function proofOf(change: object): string {
  return forge(ecKey, headerOf(ecKey, TYP), { ...claims, ...change });
}

test('a proof shows who holds the key', () => {
  const proof = mintKeyProof(ecKey, { issuer: GATEWAY, audience: AUTH, nowMs: NOW_MS + 999 });
  const proven = verifyKeyProof({ ...options, proof, publicKeySpki: spki(ecKey.publicKey) });
  assert.equal(proven.kid, ecKey.kid);
  assert.equal(proven.expiresAtSeconds, NOW + 60);
  assert.match(proven.jti, /^[\w-]{22}$/);
  assert.ok(proven.publicKey.equals(ecKey.publicKey));
});

test('two proofs have two ids', () => {
  const jti = () => {
    const proof = mintKeyProof(ecKey, { issuer: GATEWAY, audience: AUTH, nowMs: NOW_MS });
    return verifyKeyProof({ ...options, proof, publicKeySpki: spki(ecKey.publicKey) }).jti;
  };
  assert.notEqual(jti(), jti());
});

test("another key's proof proves nothing", () => {
  const other = generateSigningKey('ES256');
  assertRefused(proofOf({}), 'key_unknown', { publicKeySpki: spki(other.publicKey) });
  const header = { ...headerOf(other, TYP), kid: ecKey.kid };
  assertRefused(forge(other, header, claims), 'signature');
});

test('issuer, audience, kind, life and times are checked', () => {
  assertRefused(proofOf({}), 'issuer', { issuer: `${GATEWAY}2` });
  assertRefused(proofOf({}), 'audience', { audience: GATEWAY });
  assertRefused(forge(ecKey, headerOf(ecKey, 'txntoken+jwt'), claims), 'type');
  assertRefused(proofOf({ exp: NOW + 61 }), 'claim');
  assertRefused(proofOf({ jti: undefined }), 'claim');
  assertRefused(proofOf({ iat: NOW - 60, exp: NOW }), 'expired');
  assertRefused(proofOf({ iat: NOW + 6 }), 'not_yet_valid');
});

test('a key of another kind or in another encoding is refused', () => {
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey;
  const good = spki(ecKey.publicKey);
  for (const publicKeySpki of [
    spki(p384),
    spki(rsaKey.publicKey),
    spki(generateKeyPairSync('ed25519').publicKey),
    Buffer.alloc(0),
    Buffer.alloc(100),
    Buffer.alloc(1_000_000),
    good.subarray(0, good.length - 1),
    Buffer.concat([good, Buffer.from([0])]),
  ])
    assertRefused(proofOf({}), 'claim', { publicKeySpki });
});
