import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createStaticKeySet,
  generateSigningKey,
  type SigningKey,
  TokenError,
} from '@gatehouse/tokens';
import type { IssuerSettings } from '../file/read-issuers.ts';
import { externalToken } from '../test-support/external-token.ts';
import { subjectOf } from './edge-claims.ts';
import { createExternalVerifier } from './external-verifier.ts';

const NOW = 1_800_000_000;
const KEYCLOAK = 'https://login.example/realms/shop';
const ENTRA = 'https://login.microsoftonline.example/tenant/v2.0';
const key = generateSigningKey('RS256');
const otherKey = generateSigningKey('ES256');

const SETTINGS: IssuerSettings = {
  issuer: KEYCLOAK,
  audience: 'shop',
  keys: { kind: 'discovery' },
  tokenTypes: ['JWT', 'at+jwt'],
  require: {},
  scopeClaims: [['scope'], ['scp']],
  rolesClaims: [],
  subjectPrefix: '',
  authLevels: new Map(),
  maxAgeMs: undefined,
  scopes: undefined,
};
const CLAIMS = {
  iss: KEYCLOAK,
  aud: ['account', 'shop'],
  sub: 'f3b7c1a2-9d',
  iat: NOW - 10,
  exp: NOW + 290,
  scope: 'openid orders:read',
};

function token(change: object, by: SigningKey = key, typ = 'JWT'): string {
  return externalToken(by, { ...CLAIMS, ...change }, typ);
}

function setOf(by: SigningKey) {
  return createStaticKeySet([{ kid: by.kid, alg: by.alg, key: by.publicKey }]);
}

function verifying(change: Partial<IssuerSettings> = {}) {
  let nowMs = NOW * 1000;
  const issuers = [{ settings: { ...SETTINGS, ...change }, keys: setOf(key) }];
  const verifier = createExternalVerifier(issuers, { nowMs: () => nowMs });
  return {
    ...verifier,
    later: (seconds: number) => {
      nowMs += seconds * 1000;
    },
  };
}

test('a token as Keycloak signs it: typ Bearer, nested roles, a list of audiences', async () => {
  const rolesClaims = [
    ['realm_access', 'roles'],
    ['resource_access', 'shop', 'roles'],
  ];
  const { verify } = verifying({ rolesClaims });
  const claims = await verify(
    token({
      typ: 'Bearer',
      azp: 'web',
      sid: 'ses_9',
      nonce: 'of an older version',
      realm_access: { roles: ['member', 'offline_access'] },
      resource_access: { shop: { roles: ['clerk', 'member'] }, account: { roles: ['view'] } },
    }),
  );
  assert.deepEqual(claims, {
    iss: KEYCLOAK,
    sub: 'f3b7c1a2-9d',
    scope: 'openid orders:read',
    roles: ['member', 'offline_access', 'clerk'],
    iat: CLAIMS.iat,
    exp: NOW + 290,
    sid: 'ses_9',
    external: true,
  });
  const subject = subjectOf(claims);
  assert.deepEqual([subject.kind, subject.scopes], ['person', ['openid', 'orders:read']]);
});

test('scopes as Okta (scp, a list), as Entra (scp, a text) and as nobody says them', async () => {
  const { verify } = verifying();
  const scopeOf = async (change: object) =>
    (await verify(token({ scope: undefined, ...change }))).scope;
  assert.equal(await scopeOf({ scp: ['a', 'b'] }), 'a b');
  assert.equal(await scopeOf({ scp: 'a b' }), 'a b');
  assert.equal(await scopeOf({}), '');
  assert.equal(await scopeOf({ scope: '' }), '');
  assert.equal(await scopeOf({ scope: 'a', scp: 'b' }), 'a', 'the first that is there');
});

test('roles are nobody’s unless the file says where they are', async () => {
  assert.deepEqual((await verifying().verify(token({ roles: ['admin'] }))).roles, []);
  const { verify } = verifying({ rolesClaims: [['https://shop.example/roles']] });
  assert.deepEqual((await verify(token({ 'https://shop.example/roles': 'admin' }))).roles, [
    'admin',
  ]);
});

test('what is no access token, or cannot be read in one way, is refused', async () => {
  const changes: readonly object[] = [
    { at_hash: 'x' },
    { c_hash: 'x' },
    { events: {} },
    { typ: 'ID' },
    { typ: 'Refresh' },
    { typ: 'Logout' },
    { typ: 5 },
    { token_use: 'id' },
    { nonce: 'n' },
    { cnf: { jkt: 'x' } },
    { scope: 5 },
    { scope: { a: 1 } },
    { scope: ['a', 5] },
    { scope: Array.from({ length: 2000 }, (_, index) => `s${index}`) },
    { sub: 'anonymous:1' },
    { sub: 'spiffe://gatehouse.local/auth' },
    { sub: '' },
    { sub: undefined },
    { sub: 'two words' },
    { aud: undefined },
    { aud: 'other' },
    { iss: 'https://login.example/realms/other' },
    { exp: undefined },
    { iat: undefined },
    { exp: NOW - 1 },
    { nbf: NOW + 60 },
  ];
  for (const change of changes) {
    const { verify } = verifying();
    await assert.rejects(verify(token(change)), TokenError, JSON.stringify(change));
  }
  const { verify } = verifying({ rolesClaims: [['roles']] });
  await assert.rejects(verify(token({ roles: { admin: true } })), TokenError);
  await assert.rejects(verify(token({}, key, 'logout+jwt')), { code: 'type' });
  await assert.rejects(verify(token({}, otherKey)), { code: 'key_unknown' });
});

test('words that no rule could ask for are left out, not guessed at', async () => {
  const { verify } = verifying({ rolesClaims: [['roles']] });
  const claims = await verify(
    token({ roles: ['a b', 'admin', '', 'ä'], scope: ['x', 'y z', 'q"'] }),
  );
  assert.deepEqual([claims.roles, claims.scope], [['admin'], 'x']);
});

test('what the file requires knows better than what is guessed of a kind', async () => {
  const { verify } = verifying({ require: { typ: 'access', azp: 'web' } });
  assert.ok(await verify(token({ typ: 'access', azp: 'web' })));
  await assert.rejects(verify(token({ typ: 'Bearer', azp: 'web' })), { code: 'claim' });
  await assert.rejects(verify(token({ typ: 'access', azp: 'other' })), { code: 'claim' });
});

test('levels come from acr as the file maps it, and are 0 otherwise', async () => {
  const { verify } = verifying({ authLevels: new Map([['gold', 2]]) });
  assert.equal((await verify(token({ acr: 'gold' }))).auth_level, 2);
  for (const acr of ['silver', '2', 2, ['gold'], '__proto__']) {
    assert.equal((await verify(token({ acr }))).auth_level, undefined);
  }
});

test('max_age ends a token before its exp, cached or not', async () => {
  const verifier = verifying({ maxAgeMs: 60_000 });
  const good = token({});
  const claims = await verifier.verify(good);
  assert.equal(claims.exp, NOW + 50);
  verifier.later(49);
  assert.equal(verifier.verifyCached(good), claims, 'one object for as long as it is cached');
  verifier.later(1);
  assert.equal(verifier.verifyCached(good), undefined);
  await assert.rejects(verifier.verify(good), { code: 'expired' });
});

test('people of two issuers are two, even with one name, and keys of one sign for no other', async () => {
  const settings = (issuer: string, subjectPrefix: string) => ({
    ...SETTINGS,
    issuer,
    subjectPrefix,
  });
  const verifier = createExternalVerifier(
    [
      { settings: settings(KEYCLOAK, 'people:'), keys: setOf(key) },
      { settings: settings(ENTRA, 'staff:'), keys: setOf(otherKey) },
    ],
    { nowMs: () => NOW * 1000 },
  );
  assert.equal((await verifier.verify(token({ sub: '1' }))).sub, 'people:1');
  assert.equal((await verifier.verify(token({ sub: '1', iss: ENTRA }, otherKey))).sub, 'staff:1');
  await assert.rejects(verifier.verify(token({ sub: '1', iss: ENTRA })), { code: 'key_unknown' });
  await assert.rejects(verifier.verify(token({ iss: 'https://x.example' })), { code: 'issuer' });
});
