/** Introspection (RFC 7662) and revocation (RFC 7009) of every kind of token, by raw requests. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { OperatorService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import { passports, registerKey, startFleet } from '../test-support/fleet.ts';
import { claimsOf, machine, post, postAs } from '../test-support/machines.ts';
import { eventually, ISSUER, PASSWORD } from '../test-support/rig.ts';

const fleet = await startFleet();
after(() => fleet.close());
const one = await fleet.startAuth();
const two = await fleet.startAuth();
const operator = await fleet.dialAs(OperatorService, 'operator', one.service);
const { key } = await registerKey(one.client);
const pass = passports(key);
const INTROSPECT = `${one.httpUrl}/oauth2/introspect`;
const REVOKE = `${one.httpUrl}/oauth2/revoke`;
const INACTIVE = { active: false };
const PUBLIC = { client_id: 'gatehouse-first-party' };

const resource = await machine(operator, { scopes: ['token:introspect'], workload: 'extension' });
const stranger = await machine(operator);
const client = await machine(operator);

type Machine = typeof client;

async function service(who: Machine = client): Promise<string> {
  const { json } = await post(
    `${one.httpUrl}/oauth2/token`,
    { grant_type: 'client_credentials' },
    who,
  );
  return String(json.access_token);
}

let people = 0;

async function person() {
  people += 1;
  const email = `introspect${people}@example.com`;
  const account = { email, password: PASSWORD, nickname: 'Someone' };
  const { userId } = await one.client.createUser(account, pass.anonymous('CreateUser'));
  const pair = await one.client.login({ email, password: PASSWORD }, pass.anonymous('Login'));
  return { userId, ...pair };
}

const introspect = async (token: string, who: Machine = resource, url = INTROSPECT) =>
  (await post(url, { token }, who)).json;

test('a resource server with the scope sees what a service token says', async () => {
  const token = await service();
  const { jti, iat, exp } = claimsOf(token);
  const answer = await post(INTROSPECT, { token }, resource);
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.deepEqual(answer.json, {
    active: true,
    iss: ISSUER,
    sub: client.clientId,
    aud: 'gatehouse.local',
    client_id: client.clientId,
    scope: 'asset:update asset:read',
    jti,
    token_type: 'Bearer',
    iat,
    exp,
  });
  // Its owner too; nobody else.
  assert.equal((await introspect(token, client)).active, true);
  assert.deepEqual(await introspect(token, stranger), INACTIVE);
});

test('a person’s access token is active until its session, its account or itself ends', async () => {
  const { userId, accessToken, refreshToken, scope } = await person();
  const found = await introspect(accessToken);
  assert.deepEqual(
    [found.active, found.sub, found.scope, found.aud],
    [true, userId, scope, 'https://edge.gatehouse.local'],
  );
  assert.deepEqual(await introspect(accessToken, stranger), INACTIVE);
  await one.client.logout({ refreshToken }, pass.anonymous('Logout'));
  assert.deepEqual(await introspect(accessToken), INACTIVE);
  const second = await person();
  await operator.suspendAccount({ userId: second.userId });
  assert.deepEqual(await introspect(second.accessToken), INACTIVE);
});

test('a refresh token is seen by nobody but who has the scope for it', async () => {
  const { userId, refreshToken } = await person();
  assert.deepEqual(await introspect(refreshToken), INACTIVE);
  const trusted = await machine(operator, { scopes: ['token:introspect-refresh'] });
  const found = await introspect(refreshToken, trusted);
  assert.deepEqual([found.active, found.sub, found.token_type], [true, userId, undefined]);
  await one.client.refresh({ refreshToken }, pass.anonymous('Refresh'));
  assert.deepEqual(await introspect(refreshToken, trusted), INACTIVE);
});

test('passports, other texts and corrupt tokens are inactive', async () => {
  const { accessToken } = await person();
  const corrupt = `${accessToken.slice(0, -6)}AAAAAA`;
  for (const token of [pass.person(accessToken).passport, 'a.b.c', 'text', corrupt, '.']) {
    assert.deepEqual(await introspect(token), INACTIVE, token.slice(0, 20));
  }
});

test('who asks must say who they are, and what about', async () => {
  const token = await service();
  const nobody = await post(INTROSPECT, { token });
  assert.deepEqual([nobody.status, nobody.json.error], [401, 'invalid_client']);
  const publicly = await post(INTROSPECT, { token, ...PUBLIC });
  assert.equal(publicly.status, 401);
  const nothing = await post(INTROSPECT, {}, resource);
  assert.deepEqual([nothing.status, nothing.json.error], [400, 'invalid_request']);
});

test('a workload asks by its certificate, as its client', async () => {
  const token = await service();
  const target = { authority: fleet.authority, port: one.keysPort };
  const path = '/oauth2/introspect';
  const found = await postAs(target, 'extension', { path, form: { token } });
  assert.equal(found.json.active, true);
  for (const [workload, more] of [
    ['board', {}],
    ['extension', { client_id: client.clientId }],
  ] as const) {
    const { status } = await postAs(target, workload, { path, form: { token, ...more } });
    assert.equal(status, 401, workload);
  }
});

test('a revoked service token is inactive at every replica, and on the feed; only its owner revokes', async () => {
  const token = await service();
  for (const who of [stranger, resource]) {
    const { status, json } = await post(REVOKE, { token }, who);
    assert.deepEqual([status, json.error], [400, 'invalid_grant']);
  }
  assert.equal((await introspect(token)).active, true);
  const { status, headers } = await post(
    REVOKE,
    { token, token_type_hint: 'refresh_token' },
    client,
  );
  assert.deepEqual([status, headers['cache-control']], [200, 'no-store']);
  assert.deepEqual(await introspect(token), INACTIVE);
  const atTwo = `${two.httpUrl}/oauth2/introspect`;
  assert.deepEqual(await introspect(token, resource, atTwo), INACTIVE);
  const { jti } = claimsOf(token);
  const abort = new AbortController();
  for await (const { event } of two.client.watchAccessChanges({}, { signal: abort.signal })) {
    assert.equal(event.case, 'snapshot');
    if (event.case === 'snapshot') {
      assert.ok(event.value.tokens.some(({ tokenId }) => tokenId === jti));
    }
    break;
  }
  abort.abort();
  // Another token of the client goes on; to revoke again, or nothing at all, is no mistake.
  assert.equal((await introspect(await service())).active, true);
  for (const text of [token, 'a.b.c', 'unknown']) {
    assert.equal((await post(REVOKE, { token: text }, client)).status, 200);
  }
});

test('the tokens of a disabled client are inactive at once', async () => {
  const gone = await machine(operator);
  const token = await service(gone);
  assert.equal((await introspect(token)).active, true);
  await operator.disableClient({ clientId: gone.clientId });
  assert.deepEqual(await introspect(token), INACTIVE);
});

test('who holds a person’s token gives it up as the public client', async () => {
  const { accessToken, refreshToken } = await person();
  const passport = pass.person(accessToken).passport;
  // No client with a secret owns it.
  assert.equal((await post(REVOKE, { token: accessToken }, client)).status, 400);
  assert.equal((await post(REVOKE, { token: accessToken, ...PUBLIC })).status, 200);
  assert.deepEqual(await introspect(accessToken), INACTIVE);
  // The session goes on, until its refresh token is given up.
  const next = await one.client.refresh({ refreshToken }, pass.anonymous('Refresh'));
  assert.equal((await introspect(next.accessToken)).active, true);
  assert.equal((await post(REVOKE, { token: next.refreshToken, ...PUBLIC })).status, 200);
  assert.deepEqual(await introspect(next.accessToken), INACTIVE);
  await eventually(() =>
    assert.rejects(one.client.listSessions({}, { passport }), { code: 'access.passport_revoked' }),
  );
  const service_ = await post(REVOKE, { token: await service(), ...PUBLIC });
  assert.deepEqual([service_.status, service_.json.error], [400, 'invalid_grant']);
});

test('the public client tries no tokens out', async () => {
  const from = '127.0.0.69';
  const guess = () => post(REVOKE, { token: 'guess', ...PUBLIC }, { from });
  for (let count = 0; count < 10; count += 1) assert.equal((await guess()).status, 200);
  assert.equal((await guess()).status, 429);
});

test('a passport is not revoked one by one', async () => {
  const { accessToken } = await person();
  const { status, json } = await post(REVOKE, { token: pass.person(accessToken).passport }, client);
  assert.deepEqual([status, json.error], [400, 'unsupported_token_type']);
});

test('a workload gives up its own grant, and no other’s', async () => {
  await machine(operator, { scopes: ['transaction:grant'], workload: 'orchestrator' });
  const { userId, accessToken } = await person();
  const target = { authority: fleet.authority, port: one.keysPort };
  const { json } = await postAs(target, 'orchestrator', {
    form: {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      audience: 'gatehouse.local',
      subject_token: pass.person(accessToken).passport,
      subject_token_type: 'urn:ietf:params:oauth:token-type:txn_token',
      requested_token_type: 'urn:gatehouse:params:oauth:token-type:txn_grant',
      purpose: 'saga',
    },
  });
  const form = { token: String(json.access_token) };
  const count = async () => (await operator.listGrants({ userId })).grants.length;
  assert.equal((await postAs(target, 'board', { path: '/oauth2/revoke', form })).status, 200);
  assert.equal(await count(), 1);
  assert.equal(
    (await postAs(target, 'orchestrator', { path: '/oauth2/revoke', form })).status,
    200,
  );
  assert.equal(await count(), 0);
});
