import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { GatehouseError } from '@gatehouse/errors';
import { startTestPostgres } from '@gatehouse/testing';
import { scopeOfRoles } from '../accounts/scopes.ts';
import { HERE, logInAs, openRig, PASSWORD, person } from '../test-support/rig.ts';

const postgres = await startTestPostgres();
const rig = await openRig({ url: await postgres.createDatabase() });
after(async () => {
  await rig.close();
  await postgres.close();
});

const WRONG = 'not the right one at all';

async function failure(work: Promise<unknown>) {
  const error = await work.then(
    () => assert.fail('it must not succeed'),
    (thrown) => thrown,
  );
  const { kind, code, message, fields } = error;
  return { kind, code, message, fields };
}

test('the token carries person, session, roles, scope and version', async () => {
  const { id, email } = await person(rig);
  const pair = await logInAs(rig, email);
  const claims = JSON.parse(
    Buffer.from(pair.accessToken.split('.')[1] ?? '', 'base64url').toString(),
  );
  assert.equal(claims.sub, id);
  assert.match(claims.sid, /^ses_/);
  assert.equal(claims.exp - claims.iat, 900);
  const { client_id, sv, roles, auth_level, scope } = claims;
  assert.deepEqual(
    { client_id, sv, roles, auth_level },
    { client_id: 'gatehouse-first-party', sv: 1, roles: ['member'], auth_level: 1 },
  );
  assert.equal(scope, pair.scope);
  assert.equal(scope, scopeOfRoles(['member']));
});

test('unknown e-mail, wrong password and pending or suspended account are answered alike', async () => {
  const { id, email } = await person(rig);
  const wrong = await failure(logInAs(rig, email, WRONG));
  assert.equal(wrong.kind, 'UNAUTHENTICATED');
  assert.deepEqual(await failure(logInAs(rig, 'nobody@example.com')), wrong);
  await rig.database.read
    .updateTable('account')
    .set({ status: 'SUSPENDED' })
    .where('account_id', '=', id)
    .execute();
  assert.deepEqual(await failure(logInAs(rig, email)), wrong);
});

test('the sixth failed attempt in a minute has to wait, for known and unknown accounts alike', async () => {
  const { email } = await person(rig);
  for (const account of [email, 'still-nobody@example.com']) {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await assert.rejects(logInAs(rig, account, WRONG), { code: 'auth.credentials_invalid' });
    }
    await assert.rejects(logInAs(rig, account), (error: GatehouseError) => {
      assert.equal(error.code, 'auth.too_many_attempts');
      assert.equal(error.httpStatus, 429);
      const seconds = error.retryAfterSeconds ?? 0;
      return seconds >= 1 && seconds <= 60;
    });
  }
  // From elsewhere the owner still gets in: an account is never locked.
  await rig.logIn({ email, password: PASSWORD, scope: '' }, { ...HERE, address: '192.0.2.99' });
});

test('a success is no attempt', async () => {
  const { email } = await person(rig);
  for (let time = 0; time < 8; time += 1) await logInAs(rig, email);
});

test('attempts at once cannot pass the limit together', async () => {
  const { email } = await person(rig);
  const codes = await Promise.all(
    Array.from({ length: 10 }, () => failure(logInAs(rig, email, WRONG)).then(({ code }) => code)),
  );
  assert.equal(codes.filter((code) => code === 'auth.credentials_invalid').length, 5);
});

test('a scope narrows the session, also after a refresh', async () => {
  const { email } = await person(rig);
  const scope = 'user:read board:read';
  const pair = await rig.logIn({ email, password: PASSWORD, scope }, HERE);
  assert.equal(pair.scope, scope);
  assert.equal((await rig.refresh(pair.refreshToken, HERE)).scope, scope);
  for (const unfit of ['account:admin', 'no:such', 'board:read account:admin']) {
    await assert.rejects(rig.logIn({ email, password: PASSWORD, scope: unfit }, HERE), {
      code: 'auth.scope_invalid',
      fields: [{ pointer: '/scope', detail: 'holds a scope that cannot be granted' }],
    });
  }
});

test('what is written down of a failure names no e-mail that is nobody’s', async () => {
  await assert.rejects(logInAs(rig, 'typed-my-password-here@example.com'));
  const rows = await rig.database.read
    .selectFrom('audit')
    .selectAll()
    .where('action', '=', 'login.failed')
    .execute();
  assert.ok(rows.some(({ target }) => target === 'unknown'));
  assert.ok(!JSON.stringify(rows, (_key, value) => String(value)).includes('typed-my-password'));
  assert.ok(rows.every(({ client_address, trace_id }) => client_address && trace_id));
});

test('spaces around an e-mail are not part of it at log-in', async () => {
  const { email } = await person(rig);
  for (const typed of [` ${email}`, `${email} `, `\t${email}\u3000`, `${email.toUpperCase()}\n`]) {
    assert.ok((await logInAs(rig, typed)).accessToken);
  }
});
