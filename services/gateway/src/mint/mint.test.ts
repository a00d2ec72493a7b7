import assert from 'node:assert/strict';
import { test } from 'node:test';
import { subjectOfAccessToken } from '@gatehouse/access';
import { METHODS } from '@gatehouse/contracts';
import { createTestClock } from '@gatehouse/testing';
import {
  type AccessTokenClaims,
  createPassportVerifier,
  createStaticKeySet,
  generateSigningKey,
  type Signer,
} from '@gatehouse/tokens';
import type { Verb } from '@gatehouse/wire';
import { mint as mintFor, sharedPassport } from './mint.ts';
import { createPassportCache } from './passport-cache.ts';

const IDENTITY = 'spiffe://gatehouse.local/gateway';
const TD = 'gatehouse.local';

function setUp() {
  const clock = createTestClock();
  const key = generateSigningKey('ES256');
  const keys = createStaticKeySet([
    { kid: key.kid, alg: 'ES256', key: key.publicKey, issuer: IDENTITY },
  ]);
  const verifier = createPassportVerifier({ trustDomain: TD, keys, clock });
  let signer: Signer | undefined = key;
  const parts = {
    key: { signer: () => signer },
    passports: createPassportCache(clock),
    identity: IDENTITY,
    trustDomain: TD,
    clock,
  };
  const mint = (
    name: string,
    options: { verb?: Verb; claims?: AccessTokenClaims; token?: string; address?: string } = {},
  ) => {
    const { verb = 'POST', claims, token = 'token', address = '192.0.2.1' } = options;
    const route = METHODS.find(({ desc }) => desc.name === name);
    assert.ok(route);
    const identity = claims === undefined ? {} : { token, claims };
    const subject = subjectOfAccessToken(claims);
    const asking = { verb, address, route, identity };
    return sharedPassport(parts, asking) ?? mintFor(parts, asking, subject);
  };
  const nowSeconds = Math.floor(clock.nowMs() / 1000);
  const claims: AccessTokenClaims = {
    iss: 'http://auth',
    aud: 'https://edge',
    sub: 'usr_1',
    client_id: 'web',
    scope: 'board:read board:write user:read',
    roles: ['member'],
    sid: 'ses_1',
    sv: 3,
    jti: 'j',
    iat: nowSeconds,
    exp: nowSeconds + 900,
    auth_level: 1,
  };
  return { clock, verifier, mint, claims, nowSeconds, lose: () => (signer = undefined) };
}

test('a person’s passport says who, for what, from where, and no more scope than the method asks', async () => {
  const { mint, verifier, claims, nowSeconds } = setUp();
  const { jti, txn, ...passport } = await verifier.verify(mint('CreatePost', { claims }));
  assert.match(txn, /^[0-9a-f-]{36}$/);
  assert.notEqual(jti, txn);
  assert.deepEqual(passport, {
    iss: IDENTITY,
    aud: TD,
    sub: 'usr_1',
    sid: 'ses_1',
    sv: 3,
    scope: 'board:write',
    roles: ['member'],
    rctx: { addr: '192.0.2.1', authn: 1, iss: 'http://auth' },
    tctx: { method: 'gatehouse.board.v1.BoardService/CreatePost' },
    req_wl: IDENTITY,
    iat: nowSeconds,
    exp: nowSeconds + 60,
  });
});

test('an anonymous passport is bound to its transaction and method, and has no scope', async () => {
  const { mint, verifier } = setUp();
  const passport = await verifier.verify(mint('Login'));
  assert.equal(passport.sub, `anonymous:${passport.txn}`);
  assert.equal(passport.scope, '');
  assert.equal(passport.tctx.method, 'gatehouse.auth.v1.AuthService/Login');
  assert.deepEqual(passport.rctx, { addr: '192.0.2.1' });
});

test('a passport never outlives its access token', async () => {
  const { mint, verifier, claims, nowSeconds } = setUp();
  const short = { ...claims, exp: nowSeconds + 7 };
  assert.equal((await verifier.verify(mint('CreatePost', { claims: short }))).exp, nowSeconds + 7);
});

test('a token that ended while its body came gets no passport', () => {
  const { mint, claims, nowSeconds } = setUp();
  assert.throws(() => mint('CreatePost', { claims: { ...claims, exp: nowSeconds } }), {
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  });
});

test('GET and HEAD share one passport; every other method gets its own', () => {
  const { mint, claims, clock } = setUp();
  const get = mint('GetPost', { verb: 'GET', claims });
  assert.equal(mint('GetPost', { verb: 'HEAD', claims }), get);
  assert.notEqual(mint('ListPosts', { verb: 'GET', claims }), get);
  assert.notEqual(mint('GetPost', { verb: 'GET', claims: { ...claims } }), get, 'of another token');
  assert.notEqual(mint('GetPost', { verb: 'GET', claims, address: '192.0.2.2' }), get);
  assert.notEqual(
    mint('DeletePost', { verb: 'DELETE', claims }),
    mint('DeletePost', { verb: 'DELETE', claims }),
  );
  clock.advance(10_000);
  assert.notEqual(mint('GetPost', { verb: 'GET', claims }), get);
});

test('without a leased key nothing is minted, not even what is shared', () => {
  const { mint, claims, lose } = setUp();
  mint('GetPost', { verb: 'GET', claims });
  lose();
  assert.throws(() => mint('GetPost', { verb: 'GET', claims }), { code: 'gateway.not_ready' });
  assert.throws(() => mint('Login'), { code: 'gateway.not_ready' });
});
