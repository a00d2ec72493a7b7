import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenError, type TokenErrorCode } from '../errors.ts';
import { createStaticKeySet } from '../keys/static.ts';
import { mintGatewayPassport, mintPassport } from '../mint/passport.ts';
import {
  accessClaims,
  ecKey,
  forge,
  GATEWAY,
  headerOf,
  NOW,
  passportClaims,
  rsaKey,
  TRUST_DOMAIN,
  testClock,
  verificationKey,
} from '../test-support/forge.ts';
import { createGatewayPassportVerifier, createPassportVerifier } from './passport.ts';

const TYP = 'txntoken+jwt';
const ISS = 'https://edge.shop.example';
const AUD = 'shop.internal';
const claims = {
  ...passportClaims,
  iss: ISS,
  aud: AUD,
  req_wl: ISS,
  sub: 'auth0|5f7c8ec7c33c6c004bbafe82',
};
const keys = createStaticKeySet([verificationKey(ecKey, ISS), verificationKey(rsaKey)]);
const verifier = createGatewayPassportVerifier({
  issuer: ISS,
  audience: AUD,
  keys,
  clock: testClock(),
});

function passport(change: object): string {
  return forge(ecKey, headerOf(ecKey, TYP), { ...claims, ...change });
}

async function assertRefused(token: string, code: TokenErrorCode, label?: string): Promise<void> {
  await assert.rejects(verifier.verify(token), { code }, label);
}

test('what a gateway mints for another issuer’s people is verified, whatever they are called', async () => {
  for (const sub of [claims.sub, 'f:8a7c:ada', 'usr_1', '1', 'ada@example.com']) {
    const token = mintGatewayPassport(ecKey, { ...claims, sub });
    assert.deepEqual(await verifier.verify(token), { ...claims, sub });
  }
});

test('nobody known is anonymous, tied to the transaction and without rights', async () => {
  const nobody = {
    sub: 'anonymous:txn_1',
    scope: '',
    roles: undefined,
    sid: undefined,
    sv: undefined,
  };
  assert.equal((await verifier.verify(passport(nobody))).sub, 'anonymous:txn_1');
  await assertRefused(passport({ ...nobody, sub: 'anonymous:txn_2' }), 'claim');
  await assertRefused(passport({ ...nobody, scope: 'board:write' }), 'claim');
  await assertRefused(passport({ ...nobody, roles: ['admin'] }), 'claim');
});

test('it speaks for no workload', async () => {
  for (const change of [{ sub: GATEWAY }, { iss: GATEWAY }]) {
    await assert.rejects(verifier.verify(passport(change)), TokenError);
    assert.throws(() => mintGatewayPassport(ecKey, { ...claims, ...change }), TypeError);
  }
});

test('issuer, audience, type, algorithm and life are as of every passport', async () => {
  await assertRefused(passport({ iss: 'https://other.example' }), 'issuer');
  await assertRefused(passport({ aud: 'other.internal' }), 'audience');
  await assertRefused(passport({ aud: [AUD] }), 'audience');
  await assertRefused(passport({ exp: NOW + 60 }), 'claim');
  await assertRefused(passport({ iat: NOW - 61, exp: NOW - 1 }), 'expired');
  await assertRefused(forge(ecKey, headerOf(ecKey, 'JWT'), claims), 'type');
  await assertRefused(forge(rsaKey, headerOf(rsaKey, TYP), claims), 'algorithm');
  await assertRefused(forge(rsaKey, headerOf(rsaKey, 'at+jwt'), accessClaims), 'type');
});

test('a passport of a trust domain and one of a standalone gateway are rejected in place of each other', async () => {
  const domain = createPassportVerifier({
    trustDomain: TRUST_DOMAIN,
    keys: createStaticKeySet([verificationKey(ecKey, GATEWAY)]),
    clock: testClock(),
  });
  const careless = createGatewayPassportVerifier({
    issuer: GATEWAY,
    audience: TRUST_DOMAIN,
    keys: createStaticKeySet([verificationKey(ecKey)]),
    clock: testClock(),
  });
  const ofDomain = mintPassport(ecKey, passportClaims);
  await assert.rejects(careless.verify(ofDomain), { code: 'claim' });
  await assert.rejects(domain.verify(mintGatewayPassport(ecKey, claims)), TokenError);
  const disguised = { ...claims, aud: TRUST_DOMAIN };
  await assert.rejects(domain.verify(mintGatewayPassport(ecKey, disguised)), TokenError);
});
