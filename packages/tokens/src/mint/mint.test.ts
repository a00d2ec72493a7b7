/** What is minted is what verifies: for us, and for jose as the oracle. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeProtectedHeader, importJWK, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { generateSigningKey, toPublicJwk } from '../keys/generate.ts';
import { createStaticKeySet } from '../keys/static.ts';
import type { SigningKey } from '../keys/types.ts';
import {
  AUTH,
  accessClaims,
  EDGE,
  ecKey,
  GATEWAY,
  ISSUER,
  NOW_MS,
  passportClaims,
  rsaKey,
  serviceClaims,
  TRUST_DOMAIN,
  testClock,
  verificationKey,
} from '../test-support/forge.ts';
import { createAccessTokenVerifier } from '../verify/access-token.ts';
import { createPassportVerifier } from '../verify/passport.ts';
import { createServiceTokenVerifier } from '../verify/service-token.ts';
import { mintAccessToken } from './access-token.ts';
import { mintKeyProof } from './key-proof.ts';
import { mintPassport } from './passport.ts';
import { mintServiceToken, mintServiceTokenAside } from './service-token.ts';

const shared = {
  keys: createStaticKeySet([verificationKey(rsaKey), verificationKey(ecKey, GATEWAY)]),
  clock: testClock(),
};
const access = createAccessTokenVerifier({ ...shared, issuer: ISSUER, audience: EDGE });
const service = createServiceTokenVerifier({ ...shared, issuer: ISSUER, audience: TRUST_DOMAIN });
const passports = createPassportVerifier({ ...shared, trustDomain: TRUST_DOMAIN });

async function joseVerify(token: string, key: SigningKey, claims: { iss: string; aud: string }) {
  const { typ } = decodeProtectedHeader(token);
  return jwtVerify(token, await importJWK({ ...toPublicJwk(key) }), {
    algorithms: [key.alg],
    issuer: claims.iss,
    audience: claims.aud,
    currentDate: new Date(NOW_MS),
    ...(typ === undefined ? {} : { typ }),
  });
}

function joseMint(key: SigningKey, typ: string, claims: object): Promise<string> {
  const header = { alg: key.alg, kid: key.kid, typ };
  return new SignJWT(claims as JWTPayload).setProtectedHeader(header).sign(key.privateKey);
}

test('what we mint, jose verifies, with header and claims as written', async () => {
  for (const [token, key, typ, claims] of [
    [mintAccessToken(rsaKey, accessClaims), rsaKey, 'at+jwt', accessClaims],
    [mintServiceToken(rsaKey, serviceClaims), rsaKey, 'at+jwt', serviceClaims],
    [mintPassport(ecKey, passportClaims), ecKey, 'txntoken+jwt', passportClaims],
  ] as const) {
    const { payload, protectedHeader } = await joseVerify(token, key, claims);
    assert.deepEqual({ ...payload }, claims);
    assert.deepEqual({ ...protectedHeader }, { alg: key.alg, kid: key.kid, typ });
  }
});

test('a key proof, too, verifies with jose', async () => {
  const proof = mintKeyProof(ecKey, { issuer: GATEWAY, audience: AUTH, nowMs: NOW_MS });
  const { payload } = await joseVerify(proof, ecKey, { iss: GATEWAY, aud: AUTH });
  assert.equal(Number(payload.exp) - Number(payload.iat), 60);
});

test('many ES256 signatures of ours verify with jose, and of jose with us', async () => {
  const bare = createPassportVerifier({ ...shared, trustDomain: TRUST_DOMAIN, cacheEntries: 0 });
  for (let round = 0; round < 100; round++) {
    const claims = { ...passportClaims, jti: `pst_${round}` };
    await joseVerify(mintPassport(ecKey, claims), ecKey, claims);
    assert.deepEqual(await bare.verify(await joseMint(ecKey, 'txntoken+jwt', claims)), claims);
  }
});

test('what jose mints, we verify', async () => {
  assert.deepEqual(
    await access.verify(await joseMint(rsaKey, 'at+jwt', accessClaims)),
    accessClaims,
  );
  assert.deepEqual(
    await service.verify(await joseMint(rsaKey, 'at+jwt', serviceClaims)),
    serviceClaims,
  );
  assert.deepEqual(
    await passports.verify(await joseMint(ecKey, 'txntoken+jwt', passportClaims)),
    passportClaims,
  );
});

test('what jose refuses, we refuse', async () => {
  const other = generateSigningKey('RS256');
  const good = mintAccessToken(rsaKey, accessClaims);
  const [h, p, s] = good.split('.') as [string, string, string];
  const tokens = [
    mintAccessToken({ ...other, kid: rsaKey.kid }, accessClaims),
    await joseMint(rsaKey, 'at+jwt', { ...accessClaims, iss: 'https://other.example' }),
    await joseMint(rsaKey, 'at+jwt', { ...accessClaims, aud: 'https://other.example' }),
    await joseMint(rsaKey, 'at+jwt', { ...accessClaims, iat: 1, exp: 2 }),
    await joseMint(rsaKey, 'at+jwt', { ...accessClaims, nbf: accessClaims.exp }),
    `${h}.${p}.${s.slice(0, -4)}`,
    `${h}.${p}.${s}.`,
    `${h}.${p}`,
    '',
    `${h}.${p.slice(1)}.${s}`,
    `${h}.${p}.${p}`,
  ];
  await joseVerify(good, rsaKey, accessClaims);
  for (const token of tokens) {
    await assert.rejects(async () => joseVerify(token, rsaKey, accessClaims), token.slice(-40));
    await assert.rejects(access.verify(token), token.slice(-40));
  }
});

test('what a verifier would refuse is not minted', () => {
  for (const change of [
    { sub: 'core' },
    { exp: 0 },
    { exp: accessClaims.iat },
    { sv: -1 },
    { jti: '' },
  ])
    assert.throws(() => mintAccessToken(rsaKey, { ...accessClaims, ...change }), TypeError);
  for (const change of [
    { sub: 'usr_1', client_id: 'usr_1' },
    { client_id: 'other' },
    { scope: ' ' },
  ])
    assert.throws(() => mintServiceToken(rsaKey, { ...serviceClaims, ...change }), TypeError);
  for (const change of [
    { exp: passportClaims.iat + 61 },
    { sub: `spiffe://${TRUST_DOMAIN}/orchestrator` },
    { sub: 'anonymous:other', sid: undefined as never },
    { iss: 'spiffe://elsewhere.example/gateway' },
    { tctx: { method: '' } },
  ])
    assert.throws(() => mintPassport(ecKey, { ...passportClaims, ...change }), TypeError);
});

test('a service token minted aside is the same token, with the same checks', async () => {
  const claims = { ...serviceClaims, sv: 3 };
  const token = await mintServiceTokenAside(rsaKey, claims);
  assert.equal(token, mintServiceToken(rsaKey, claims));
  assert.deepEqual(await service.verify(token), claims);
  await assert.rejects(mintServiceTokenAside(rsaKey, { ...claims, sub: 'usr_1' }), TypeError);
  await assert.rejects(mintServiceTokenAside(ecKey, claims), TypeError);
});

test('a signer of the other algorithm mints nothing', () => {
  assert.throws(() => mintAccessToken(ecKey, accessClaims), TypeError);
  assert.throws(() => mintServiceToken(ecKey, serviceClaims), TypeError);
  assert.throws(() => mintPassport(rsaKey, passportClaims), TypeError);
  const options = { issuer: GATEWAY, audience: AUTH, nowMs: NOW_MS };
  assert.throws(() => mintKeyProof(rsaKey, options), TypeError);
});

test('members that a kind does not have are left out', async () => {
  const extra = { ...accessClaims, cnf: { jkt: 'x' }, password: 'hunter2' };
  const { payload } = await joseVerify(mintAccessToken(rsaKey, extra), rsaKey, accessClaims);
  assert.deepEqual({ ...payload }, accessClaims);
});

test('a token that no verifier would look at is not minted', () => {
  const roles = Array(64).fill('r'.repeat(500));
  assert.throws(() => mintAccessToken(rsaKey, { ...accessClaims, roles }), RangeError);
});
