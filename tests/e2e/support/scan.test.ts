import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createScanner } from './scan.ts';

const secret = randomBytes(32);
const value = secret.toString('base64url');

function found(text: string): readonly string[] {
  return createScanner([{ kind: 'refresh token', value }])(Buffer.from(text)).map(
    ({ what }) => what,
  );
}

test('a secret is found in each of its forms, wherever it stands', () => {
  for (const form of [
    value,
    Buffer.from(value).toString('base64'),
    Buffer.from(value).toString('hex'),
    secret.toString('hex'),
    secret.toString('base64'),
  ]) {
    assert.equal(new Set(found(`x${form}y`)).size >= 1, true, form);
    assert.equal(found(form).length >= 1, true, form);
  }
});

test('what is no secret is not found', () => {
  assert.deepEqual(found(randomBytes(5_000).toString('base64')), []);
  assert.deepEqual(found(value.slice(0, -1)), []);
  assert.deepEqual(found(''), []);
});

test('a token is found by its signature alone', () => {
  const scan = createScanner([{ kind: 'access token', value: `eyJh.eyJz.${value}` }]);
  assert.equal(scan(Buffer.from(`..${value}`))[0]?.what, 'access token, as it is');
});

test('tokens and private keys are found by their shape, whoever made them', () => {
  const scan = createScanner([]);
  const part = (members: object) => Buffer.from(JSON.stringify(members)).toString('base64url');
  const token = `${part({ alg: 'ES256', kid: 'k' })}.${part({ sub: 'usr_x' })}.${value}`;
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const der = (key: typeof ec) => key.export({ format: 'der', type: 'pkcs8' }).toString('hex');
  for (const text of [
    token,
    String(ec.export({ format: 'pem', type: 'pkcs8' })),
    JSON.stringify(ec.export({ format: 'jwk' })),
    JSON.stringify(JSON.stringify(ec.export({ format: 'jwk' }))),
    der(ec),
    der(rsa),
  ]) {
    assert.equal(scan(Buffer.from(`log: ${text}`)).length, 1, text);
  }
});

test('a secret that is too short to be looked for is an error', () => {
  assert.throws(() => createScanner([{ kind: 'password', value: 'short' }]), /too short/);
});
