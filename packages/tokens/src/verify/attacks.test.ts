/** One test per published attack on JWT verifiers, each with its name. ECDSA has its own file. */
import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { TokenError, type TokenErrorCode } from '../errors.ts';
import { generateSigningKey, toPublicJwk } from '../keys/generate.ts';
import { createStaticKeySet } from '../keys/static.ts';
import type { SigningKey } from '../keys/types.ts';
import {
  accessClaims,
  EDGE,
  ecKey,
  encode,
  forge,
  headerOf,
  ISSUER,
  rsaKey,
  testClock,
  verificationKey,
} from '../test-support/forge.ts';
import { createAccessTokenVerifier } from './access-token.ts';

const HEADER = headerOf(rsaKey, 'at+jwt');
const GOOD = forge(rsaKey, HEADER, accessClaims);
const [H, P, S] = GOOD.split('.') as [string, string, string];

const clock = testClock();
const access = createAccessTokenVerifier({
  issuer: ISSUER,
  audience: EDGE,
  keys: createStaticKeySet([verificationKey(rsaKey), verificationKey(ecKey)]),
  clock,
});
async function assertRefused(token: string, code: TokenErrorCode, label?: string): Promise<void> {
  await assert.rejects(
    access.verify(token),
    (error) => error instanceof TokenError && error.code === code,
    label ?? token.slice(0, 120),
  );
  assert.equal(access.verifyCached(token), undefined);
}

test('the token that the attacks begin with is good', () =>
  assert.doesNotReject(access.verify(GOOD)));

test('alg none, in every spelling, with and without a signature (CVE-2015-9235)', async () => {
  for (const alg of ['none', 'None', 'NONE', 'nOnE', '', 'null']) {
    const header = encode({ ...HEADER, alg });
    await assertRefused(`${header}.${P}.${S}`, 'algorithm');
    await assertRefused(`${header}.${P}.AA`, 'algorithm');
    await assertRefused(`${header}.${P}.`, 'malformed');
  }
});

test('HS256 keyed with the RSA public key (CVE-2016-10555)', async () => {
  const secrets = [
    rsaKey.publicKey.export({ format: 'pem', type: 'spki' }),
    rsaKey.publicKey.export({ format: 'pem', type: 'pkcs1' }),
    rsaKey.publicKey.export({ format: 'der', type: 'spki' }),
    JSON.stringify(toPublicJwk(rsaKey)),
  ];
  for (const secret of secrets) {
    for (const alg of ['HS256', 'RS256']) {
      const input = `${encode({ ...HEADER, alg })}.${P}`;
      const mac = createHmac('sha256', secret).update(input).digest('base64url');
      await assertRefused(`${input}.${mac}`, alg === 'RS256' ? 'signature' : 'algorithm');
    }
  }
});

test('another algorithm than the one pinned to the kind and the key', async () => {
  for (const alg of ['RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'EdDSA', 'rs256', 'HS256'])
    await assertRefused(forge(rsaKey, { ...HEADER, alg }, accessClaims), 'algorithm');
  // A key of the other type, with the header of the right one.
  await assertRefused(forge(rsaKey, { ...HEADER, kid: ecKey.kid }, accessClaims), 'algorithm');
  await assertRefused(forge(ecKey, { ...HEADER, kid: ecKey.kid }, accessClaims), 'algorithm');
});

test('a key of its own: jwk, jku, x5c, x5u (CVE-2018-0114)', async () => {
  const mallory = generateSigningKey('RS256');
  for (const extra of [
    { jwk: toPublicJwk(mallory) },
    { jku: 'https://evil.example/jwks.json' },
    { x5u: 'https://evil.example/cert.pem' },
    { x5c: ['MIIB'] },
  ]) {
    for (const kid of [HEADER.kid, mallory.kid])
      await assertRefused(forge(mallory, { ...HEADER, ...extra, kid }, accessClaims), 'malformed');
  }
});

test('crit with a known, an unknown or no extension (RFC 7515, section 4.1.11)', async () => {
  for (const crit of [['exp'], ['x'], [], null, ['b64']])
    await assertRefused(forge(rsaKey, { ...HEADER, crit }, accessClaims), 'malformed');
});

test('b64 false: a payload that is not encoded (RFC 7797)', async () => {
  await assertRefused(forge(rsaKey, { ...HEADER, b64: false }, accessClaims), 'malformed');
  await assertRefused(
    forge(rsaKey, { ...HEADER, b64: false, crit: ['b64'] }, accessClaims),
    'malformed',
  );
});

test('zip: a payload that grows', () =>
  assertRefused(forge(rsaKey, { ...HEADER, zip: 'DEF' }, accessClaims), 'malformed'));

test('a member twice, in the header and in the signed payload', async () => {
  const text = JSON.stringify(accessClaims);
  await assertRefused(forge(rsaKey, HEADER, text.replace('{', '{"sub":"usr_root",')), 'malformed');
  await assertRefused(
    forge(rsaKey, HEADER, text.replace('{', '{"s\\u0075b":"usr_root",')),
    'malformed',
  );
  const header = JSON.stringify(HEADER);
  await assertRefused(
    forge(rsaKey, header.replace('{', '{"alg":"none",'), accessClaims),
    'malformed',
  );
});

test('a kid that is a path, a query, a command or a name of the prototype', async () => {
  for (const kid of [
    '../../../../dev/null',
    '/etc/passwd',
    "'UNION/**/SELECT/**/'key",
    '|whoami',
    'https://evil.example/jwks.json',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
  ])
    await assertRefused(forge(rsaKey, { ...HEADER, kid }, accessClaims), 'key_unknown', kid);
});

test('a kid of ten kilobytes', () =>
  assertRefused(forge(rsaKey, { ...HEADER, kid: 'a'.repeat(10_240) }, accessClaims), 'malformed'));

test('a token of a megabyte', () =>
  assertRefused(forge(rsaKey, HEADER, { ...accessClaims, x: 'a'.repeat(1_000_000) }), 'malformed'));

test('another spelling of the same signature, header or payload', async () => {
  const last = S.at(-1) ?? '';
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  // 256 bytes leave four bits unused in the last character: fifteen other spellings.
  const next = alphabet[alphabet.indexOf(last) ^ 1] ?? '';
  for (const signature of [
    S.slice(0, -1) + next,
    `${S}=`,
    `${S}==`,
    `${S}\n`,
    ` ${S}`,
    S.replaceAll('-', '+').replaceAll('_', '/').concat('=='),
  ])
    await assertRefused(`${H}.${P}.${signature}`, 'malformed');
  await assertRefused(`${H}=.${P}.${S}`, 'malformed');
  await assertRefused(`${H}.${P}=.${S}`, 'malformed');
  await assertRefused(`${H}. ${P}.${S}`, 'malformed');
});

test('any single part changed, cut or lengthened', async () => {
  const other = encode({ ...accessClaims, sub: 'usr_root' });
  await assertRefused(`${H}.${other}.${S}`, 'signature');
  await assertRefused(
    `${encode({ typ: 'at+jwt', kid: rsaKey.kid, alg: 'RS256' })}.${P}.${S}`,
    'signature',
  );
  const signature = Buffer.from(S, 'base64url');
  for (const changed of [
    signature.subarray(1),
    signature.subarray(0, -1),
    Buffer.concat([signature, Buffer.alloc(1)]),
    Buffer.concat([Buffer.alloc(1), signature]),
    Buffer.alloc(256),
    Buffer.alloc(256, 0xff),
    Buffer.alloc(1),
  ])
    await assertRefused(`${H}.${P}.${changed.toString('base64url')}`, 'signature');
});

test('any single character changed, in any place', async () => {
  for (let at = 0; at < GOOD.length; at++) {
    for (const other of ['A', '_', '.']) {
      const changed = GOOD.slice(0, at) + other + GOOD.slice(at + 1);
      if (changed !== GOOD)
        await assert.rejects(access.verify(changed), TokenError, `${at} ${other}`);
    }
  }
});

test('a token cut short after the whole one was cached', async () => {
  await access.verify(GOOD);
  assert.ok(access.verifyCached(GOOD));
  for (const length of [1, 2, 10, S.length, S.length + 1])
    await assert.rejects(access.verify(GOOD.slice(0, -length)), TokenError);
  assert.equal(access.verifyCached(GOOD.slice(0, -1)), undefined);
  assert.equal(access.verifyCached(`${GOOD}A`), undefined);
});

test('__proto__ and constructor as claims', async () => {
  const text = JSON.stringify(accessClaims);
  const poisoned = text.replace(
    '{',
    '{"__proto__":{"roles":["admin"],"polluted":1},"constructor":1,',
  );
  const claims = await access.verify(forge(rsaKey, HEADER, poisoned));
  assert.deepEqual(claims, accessClaims);
  assert.equal(Object.getPrototypeOf(claims), Object.prototype);
  assert.equal(Reflect.get({}, 'polluted'), undefined);
  // A claim that only a prototype has is not there.
  const { jti: _, ...rest } = accessClaims;
  const inherited = JSON.stringify(rest).replace('{', '{"__proto__":{"jti":"x"},');
  await assertRefused(forge(rsaKey, HEADER, inherited), 'claim');
});

test("another issuer's token, signed with a key of the same kid", async () => {
  const other = generateSigningKey('RS256');
  await assertRefused(forge(other, HEADER, accessClaims), 'signature');
  await assertRefused(
    forge(other, HEADER, { ...accessClaims, iss: 'https://other.example' }),
    'signature',
  );
});

test('a key that belongs to another issuer in a shared set', async () => {
  const other = generateSigningKey('RS256');
  const verifier = createAccessTokenVerifier({
    issuer: ISSUER,
    audience: EDGE,
    clock,
    keys: createStaticKeySet([verificationKey(other, 'https://other.example')]),
  });
  const token = forge(other, headerOf(other, 'at+jwt'), accessClaims);
  await assert.rejects(verifier.verify(token), { code: 'issuer' });
});

test('an RSA key of 1024 bits never becomes a key', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const small: SigningKey = { kid: 'small', alg: 'RS256', publicKey, privateKey };
  assert.throws(() => createStaticKeySet([verificationKey(small)]), TypeError);
  assert.throws(() => createStaticKeySet({ keys: [toPublicJwk(small)] }), TypeError);
});
