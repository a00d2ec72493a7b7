import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TokenErrorCode } from '../errors.ts';
import { generateSigningKey } from '../keys/generate.ts';
import { createStaticKeySet } from '../keys/static.ts';
import type { SigningKey } from '../keys/types.ts';
import {
  AUTH,
  ecKey,
  forge,
  GATEWAY,
  headerOf,
  NOW,
  passportClaims,
  TRUST_DOMAIN,
  testClock,
  verificationKey,
} from '../test-support/forge.ts';
import { createPassportVerifier } from './passport.ts';

const TYP = 'txntoken+jwt';
const authKey = generateSigningKey('ES256');
const unboundKey = generateSigningKey('ES256');
const foreignKey = generateSigningKey('ES256');
const FOREIGN = 'spiffe://elsewhere.example/gateway';

const verifier = createPassportVerifier({
  trustDomain: TRUST_DOMAIN,
  clock: testClock(),
  keys: createStaticKeySet([
    verificationKey(ecKey, GATEWAY),
    verificationKey(authKey, AUTH),
    verificationKey(unboundKey),
    verificationKey(foreignKey, FOREIGN),
  ]),
});

function passport(change: object, key: SigningKey = ecKey): string {
  return forge(key, headerOf(key, TYP), { ...passportClaims, ...change });
}

async function assertRefused(token: string, code: TokenErrorCode, label?: string): Promise<void> {
  await assert.rejects(verifier.verify(token), { code }, label);
}

test('a good passport gives its claims, frozen all the way down', async () => {
  const claims = await verifier.verify(passport({}));
  assert.deepEqual(claims, passportClaims);
  for (const part of [claims, claims.roles, claims.rctx, claims.tctx])
    assert.ok(Object.isFrozen(part));
});

test('sid, sv, roles and the members of rctx are optional', async () => {
  const change = { sid: undefined, sv: undefined, roles: undefined, rctx: {} };
  const claims = await verifier.verify(passport(change));
  for (const name of ['sid', 'sv', 'roles']) assert.ok(!Object.hasOwn(claims, name));
  assert.deepEqual(claims.rctx, {});
});

test('iss must be the identity bound to the kid', async () => {
  await assertRefused(passport({ iss: AUTH }), 'issuer');
  await assertRefused(passport({ iss: `spiffe://${TRUST_DOMAIN}/gateway2` }), 'issuer');
  await assertRefused(passport({ iss: undefined }), 'issuer');
  await assertRefused(passport({}, authKey), 'issuer');
});

test('a key that is bound to nobody signs no passport', async () => {
  await assertRefused(passport({}, unboundKey), 'issuer');
  await assertRefused(passport({ iss: undefined }, unboundKey), 'issuer');
});

test('a key bound to an identity of another trust domain signs no passport', () =>
  assertRefused(passport({ iss: FOREIGN }, foreignKey), 'claim'));

test("a gateway's key signs for no workload", async () => {
  for (const sub of [`spiffe://${TRUST_DOMAIN}/orchestrator`, GATEWAY, AUTH])
    await assertRefused(passport({ sub, sid: undefined, sv: undefined }), 'claim', sub);
});

test("auth's key signs for a workload, in this trust domain only", async () => {
  const own = { iss: AUTH, sid: undefined, sv: undefined, roles: undefined };
  const sub = `spiffe://${TRUST_DOMAIN}/orchestrator`;
  assert.equal((await verifier.verify(passport({ ...own, sub }, authKey))).sub, sub);
  for (const other of [
    'spiffe://elsewhere.example/orchestrator',
    `spiffe://${TRUST_DOMAIN}.evil.example/orchestrator`,
    `spiffe://${TRUST_DOMAIN}`,
    `spiffe://${TRUST_DOMAIN}/`,
    `spiffe://${TRUST_DOMAIN}/a//b`,
    `spiffe://${TRUST_DOMAIN}/a/../b`,
    `SPIFFE://${TRUST_DOMAIN}/a`,
    'orchestrator',
    'usr_',
  ])
    await assertRefused(passport({ ...own, sub: other }, authKey), 'claim', other);
});

test('an anonymous subject is that of its own transaction and has no rights', async () => {
  const anonymous = {
    sub: 'anonymous:txn_1',
    sid: undefined,
    sv: undefined,
    scope: '',
    roles: undefined,
  };
  assert.equal((await verifier.verify(passport(anonymous))).sub, 'anonymous:txn_1');
  await assert.doesNotReject(verifier.verify(passport({ ...anonymous, roles: [] })));
  for (const change of [
    { sub: 'anonymous:txn_2' },
    { sub: 'anonymous:' },
    { sub: 'anonymous' },
    { scope: 'board:write' },
    { roles: ['admin'] },
    { sid: 'ses_1' },
    { sv: 1 },
    { tctx: {} },
    { tctx: undefined },
  ])
    await assertRefused(passport({ ...anonymous, ...change }), 'claim', JSON.stringify(change));
});

test('a life over sixty seconds is refused', async () => {
  await assertRefused(passport({ iat: NOW - 1, exp: NOW + 60 }), 'claim');
  await assert.doesNotReject(verifier.verify(passport({ iat: NOW, exp: NOW + 60 })));
});

test('audience and the claims that tell what is done are required', async () => {
  await assertRefused(passport({ aud: 'elsewhere.example' }), 'audience');
  await assertRefused(passport({ aud: [TRUST_DOMAIN] }), 'audience');
  for (const name of ['txn', 'jti', 'sub', 'scope', 'rctx', 'tctx', 'req_wl', 'iat', 'exp'])
    await assertRefused(passport({ [name]: undefined }), 'claim', name);
  await assertRefused(passport({ rctx: [] }), 'claim');
  await assertRefused(passport({ rctx: { authn: 256 } }), 'claim');
  await assertRefused(passport({ rctx: { addr: 'a b' } }), 'claim');
  await assertRefused(passport({ tctx: { method: '' } }), 'claim');
  await assertRefused(passport({ cnf: {} }), 'confirmation');
});
