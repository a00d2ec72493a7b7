/** Token exchange by mutual TLS: passports in a workload's own name, grants, and what is drawn from them. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { OperatorService } from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import {
  createPassportVerifier,
  createStaticKeySet,
  type JwkSet,
  type PassportClaims,
} from '@gatehouse/tokens';
import { AUTH, GATEWAY, passports, registerKey, startFleet } from '../test-support/fleet.ts';
import { machine, post, postAs } from '../test-support/machines.ts';
import { eventually, PASSWORD } from '../test-support/rig.ts';

const fleet = await startFleet();
after(() => fleet.close());
let aheadMs = 0;
const clock = { nowMs: () => Date.now() + aheadMs };
const auth = await fleet.startAuth({}, { clock });
const operator = await fleet.dialAs(OperatorService, 'operator', auth.service);
const { key } = await registerKey(auth.client);
const pass = passports(key);
const ORCHESTRATOR = 'spiffe://gatehouse.local/orchestrator';
const HOUR = 3600;

const TYPES = {
  passport: 'urn:ietf:params:oauth:token-type:txn_token',
  unsigned: 'urn:ietf:params:oauth:token-type:unsigned_json',
  grant: 'urn:gatehouse:params:oauth:token-type:txn_grant',
};
const exchange = {
  grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
  audience: 'gatehouse.local',
};
const target = { authority: fleet.authority, port: auth.keysPort };
const ask = (workload: string, form: Record<string, string>) =>
  postAs(target, workload, { form: { ...exchange, ...form } });
const own = (workload: string, more: Record<string, string> = {}) =>
  ask(workload, {
    subject_token: JSON.stringify({ sub: `spiffe://gatehouse.local/${workload}` }),
    subject_token_type: TYPES.unsigned,
    requested_token_type: TYPES.passport,
    ...more,
  });
const grantFrom = (workload: string, passport: string, more: Record<string, string> = {}) =>
  ask(workload, {
    subject_token: passport,
    subject_token_type: TYPES.passport,
    requested_token_type: TYPES.grant,
    purpose: 'order saga',
    ...more,
  });
const draw = (workload: string, grant: unknown, more: Record<string, string> = {}) =>
  ask(workload, {
    subject_token: String(grant),
    subject_token_type: TYPES.grant,
    requested_token_type: TYPES.passport,
    ...more,
  });

async function verified(passport: unknown): Promise<PassportClaims> {
  const document = (await (
    await fetch(`${auth.httpUrl}/.well-known/txn-jwks.json`)
  ).json()) as JwkSet;
  const keys = createStaticKeySet(document);
  return createPassportVerifier({ trustDomain: 'gatehouse.local', keys, clock }).verify(
    String(passport),
  );
}

async function refused(answer: ReturnType<typeof ask>, error: string, status = 400) {
  const said = await answer;
  assert.deepEqual([said.status, said.json.error], [status, error]);
  assert.equal(said.headers['cache-control'], 'no-store');
}

let people = 0;

async function person() {
  people += 1;
  const email = `exchange${people}@example.com`;
  const account = { email, password: PASSWORD, nickname: 'Someone' };
  const { userId } = await auth.client.createUser(account, pass.anonymous('CreateUser'));
  const { accessToken } = await auth.client.login(
    { email, password: PASSWORD },
    pass.anonymous('Login'),
  );
  return { userId, email, passport: pass.person(accessToken).passport };
}

const holder = await machine(operator, {
  scopes: ['transaction:grant', 'order:confirm'],
  workload: 'orchestrator',
});
await machine(operator, { scopes: ['transaction:grant'], workload: 'order' });
const batch = await machine(operator, { scopes: ['asset:update', 'asset:read'], workload: 'core' });

test('a workload gets a passport in its own name, with the scopes of its client and no more', async () => {
  const { status, json, headers } = await own('core');
  assert.equal(status, 200);
  assert.equal(headers['cache-control'], 'no-store');
  const { access_token, ...rest } = json;
  assert.deepEqual(rest, {
    issued_token_type: TYPES.passport,
    token_type: 'N_A',
    expires_in: 60,
    scope: 'asset:update asset:read',
  });
  const claims = await verified(access_token);
  const me = 'spiffe://gatehouse.local/core';
  assert.deepEqual(
    [claims.iss, claims.aud, claims.sub, claims.req_wl, claims.sv],
    [AUTH, 'gatehouse.local', me, me, 1],
  );
  assert.equal(claims.exp - claims.iat, 60);
  const narrow = await own('core', {
    scope: 'asset:read',
    request_details: JSON.stringify({ method: 'core.batch' }),
  });
  const narrowed = await verified(narrow.json.access_token);
  assert.deepEqual([narrowed.scope, narrowed.tctx.method], ['asset:read', 'core.batch']);
  assert.notEqual(narrowed.txn, claims.txn);
  await refused(own('core', { scope: 'asset:delete' }), 'invalid_scope');
});

test('a workload without a client gets one without scopes', async () => {
  const { json } = await own('board');
  assert.equal((await verified(json.access_token)).scope, '');
  await refused(own('board', { scope: 'asset:read' }), 'invalid_scope');
});

test('nobody gets a passport in another’s name, by plain HTTP, or with a second proof', async () => {
  const form = { subject_token: JSON.stringify({ sub: 'spiffe://gatehouse.local/core' }) };
  await refused(own('board', form), 'invalid_grant');
  await refused(own('board', { subject_token: JSON.stringify({ sub: 'usr_1' }) }), 'invalid_grant');
  const plain = post(
    `${auth.httpUrl}/oauth2/token`,
    {
      ...exchange,
      ...form,
      subject_token_type: TYPES.unsigned,
      requested_token_type: TYPES.passport,
    },
    holder,
  );
  await refused(plain, 'unauthorized_client');
  const { clientId: client_id, clientSecret: client_secret } = batch;
  await refused(own('board', { client_id, client_secret }), 'invalid_request');
});

test('what is asked for must be what there is', async () => {
  await refused(own('core', { audience: '' }), 'invalid_request');
  await refused(own('core', { audience: 'other.example' }), 'invalid_target');
  await refused(own('core', { requested_token_type: TYPES.grant }), 'invalid_request');
  await refused(own('core', { subject_token_type: '__proto__' }), 'invalid_request');
  await refused(own('core', { subject_token: 'x' }), 'invalid_request');
  await refused(own('core', { subject_token: '[]' }), 'invalid_request');
  await refused(own('core', { actor_token: 'x', actor_token_type: 'y' }), 'invalid_request');
  await refused(own('core', { request_details: '{"method":"a b"}' }), 'invalid_request');
});

test('a grant draws passports of the same transaction, an hour after the token has ended', async () => {
  const { userId, passport } = await person();
  const { json, status } = await grantFrom('orchestrator', passport, {
    scope: 'board:read board:write',
  });
  assert.equal(status, 200);
  assert.deepEqual(
    [json.issued_token_type, json.token_type, json.scope, json.expires_in],
    [TYPES.grant, 'N_A', 'board:read board:write', 24 * HOUR],
  );
  const before = await verified(passport);
  const first = await verified((await draw('orchestrator', json.access_token)).json.access_token);
  aheadMs += 75 * 60_000;
  const { json: later } = await draw('orchestrator', json.access_token, { scope: 'board:read' });
  const second = await verified(later.access_token);
  for (const drawn of [first, second]) {
    assert.deepEqual(
      [drawn.txn, drawn.sub, drawn.iss, drawn.sv, drawn.sid],
      [before.txn, userId, AUTH, before.sv, undefined],
    );
    assert.deepEqual(
      [drawn.rctx, drawn.tctx, drawn.roles],
      [before.rctx, before.tctx, before.roles],
    );
    assert.equal(drawn.req_wl, `${GATEWAY},${ORCHESTRATOR}`);
  }
  assert.notEqual(first.jti, second.jti);
  assert.deepEqual([first.scope, second.scope], ['board:read board:write', 'board:read']);
  await refused(draw('orchestrator', json.access_token, { scope: 'user:read' }), 'invalid_scope');
  // The passport itself has ended long ago.
  await refused(grantFrom('orchestrator', passport), 'invalid_grant');
  aheadMs += 24 * HOUR * 1000;
  await refused(draw('orchestrator', json.access_token), 'invalid_grant');
  aheadMs = 0;
  // Its lease had ended meanwhile.
  await registerKey(auth.client, key);
});

test('a grant never has more than the passport, and its life is bounded', async () => {
  const { passport } = await person();
  await refused(grantFrom('orchestrator', passport, { scope: 'account:admin' }), 'invalid_scope');
  for (const requested_expiry of ['0', '-1', '1e3', '604801', '99999999']) {
    await refused(grantFrom('orchestrator', passport, { requested_expiry }), 'invalid_request');
  }
  await refused(grantFrom('orchestrator', passport, { purpose: '' }), 'invalid_request');
  await refused(grantFrom('orchestrator', passport, { purpose: 'a\nb' }), 'invalid_request');
  const { json } = await grantFrom('orchestrator', passport, { requested_expiry: '604800' });
  assert.equal(json.expires_in, 7 * 24 * HOUR);
});

test('another workload cannot use the grant, nor one that may hold none make it', async () => {
  const { passport } = await person();
  const { json } = await grantFrom('orchestrator', passport);
  await refused(draw('order', json.access_token), 'invalid_grant');
  await refused(draw('core', json.access_token), 'invalid_grant');
  await refused(draw('orchestrator', 'gra_nothing'), 'invalid_grant');
  // Without a client, and with one that has not the scope.
  for (const workload of ['board', 'core']) {
    await refused(grantFrom(workload, passport), 'unauthorized_client');
  }
});

test('what is no person’s living passport makes no grant', async () => {
  const anonymous = pass.anonymous('Login').passport;
  const workload = String((await own('orchestrator')).json.access_token);
  for (const token of [
    anonymous,
    workload,
    'a.b.c',
    `${(await person()).passport.slice(0, -8)}AAAAAAAA`,
  ]) {
    await refused(grantFrom('orchestrator', token), 'invalid_grant');
  }
});

test('a suspended person’s grants draw none, also after the suspension', async () => {
  const { userId, passport, email } = await person();
  const { json } = await grantFrom('orchestrator', passport);
  const drawn = String((await draw('orchestrator', json.access_token)).json.access_token);
  await operator.suspendAccount({ userId });
  await operator.suspendAccount({ userId });
  await refused(draw('orchestrator', json.access_token), 'invalid_grant');
  await refused(grantFrom('orchestrator', passport), 'invalid_grant');
  const login = () => auth.client.login({ email, password: PASSWORD }, pass.anonymous('Login'));
  await assert.rejects(login(), { code: 'auth.credentials_invalid' });
  // What was drawn before is refused too, by the feed.
  await eventually(() =>
    assert.rejects(auth.client.listSessions({}, { passport: drawn }), {
      code: 'access.passport_revoked',
    }),
  );
  await operator.reinstateAccount({ userId });
  await refused(draw('orchestrator', json.access_token), 'invalid_grant');
  await login();
  await assert.rejects(operator.suspendAccount({ userId: 'usr_nobody' }), {
    code: 'auth.account_unknown',
  });
});

test('a change of password ends grants, and a log-out does not', async () => {
  const { passport } = await person();
  const { json } = await grantFrom('orchestrator', passport);
  const { sessions } = await auth.client.listSessions({}, { passport });
  await auth.client.endSession({ sessionId: sessions[0]?.sessionId ?? '' }, { passport });
  assert.equal((await draw('orchestrator', json.access_token)).status, 200);

  const other = await person();
  const grant = (await grantFrom('orchestrator', other.passport)).json.access_token;
  await auth.client.changePassword(
    { currentPassword: PASSWORD, newPassword: 'another horse battery staple' },
    { passport: other.passport },
  );
  await refused(draw('orchestrator', grant), 'invalid_grant');
});

test('operators see grants and end them', async () => {
  const { userId, passport } = await person();
  const { json } = await grantFrom('orchestrator', passport, { scope: 'board:read' });
  const grantId = String(json.access_token);
  const { grants } = await operator.listGrants({ userId });
  assert.deepEqual(
    grants.map(({ grantId: id, workload, scopes, purpose }) => ({ id, workload, scopes, purpose })),
    [{ id: grantId, workload: ORCHESTRATOR, scopes: ['board:read'], purpose: 'order saga' }],
  );
  await operator.revokeGrant({ grantId });
  await refused(draw('orchestrator', grantId), 'invalid_grant');
  assert.deepEqual((await operator.listGrants({ userId })).grants, []);
  await assert.rejects(operator.revokeGrant({ grantId }), { code: 'auth.grant_unknown' });
});

test('a grant of a grant keeps the chain, lives no longer, and ends with it', async () => {
  const { passport } = await person();
  const { json } = await grantFrom('orchestrator', passport, { requested_expiry: '600' });
  const drawn = String((await draw('orchestrator', json.access_token)).json.access_token);
  const { json: child } = await grantFrom('order', drawn, { scope: 'board:read' });
  assert.ok(Number(child.expires_in) <= 600);
  const claims = await verified((await draw('order', child.access_token)).json.access_token);
  assert.equal(claims.req_wl, `${GATEWAY},${ORCHESTRATOR},spiffe://gatehouse.local/order`);
  await refused(
    grantFrom('order', drawn, { scope: 'user:read', purpose: 'x'.repeat(201) }),
    'invalid_request',
  );
  await operator.revokeGrant({ grantId: String(json.access_token) });
  await refused(draw('order', child.access_token), 'invalid_grant');
  await refused(grantFrom('order', drawn), 'invalid_grant');
});

test('a workload whose client is disabled gets nothing; a new client begins again', async () => {
  const { passport } = await person();
  const { json } = await grantFrom('orchestrator', passport);
  const mine = String((await own('orchestrator')).json.access_token);
  await operator.disableClient({ clientId: holder.clientId });
  await refused(own('orchestrator'), 'invalid_client', 401);
  await refused(draw('orchestrator', json.access_token), 'invalid_grant');
  await refused(grantFrom('orchestrator', passport), 'unauthorized_client');
  // Its passports are refused by the feed wherever they are shown.
  await eventually(() =>
    assert.rejects(auth.client.listSessions({}, { passport: mine }), {
      code: 'access.passport_revoked',
    }),
  );
  await machine(operator, { scopes: ['order:confirm'], workload: 'orchestrator' });
  const { json: again } = await own('orchestrator');
  const claims = await verified(again.access_token);
  assert.deepEqual([claims.scope, claims.sv], ['order:confirm', 3]);
});
