import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { sql } from '@gatehouse/postgres';
import { startTestPostgres } from '@gatehouse/testing';
import * as changes from '../changes/store.ts';
import { HERE, logInAs, openRig, PASSWORD, person } from '../test-support/rig.ts';
import { scopeOfRoles } from './scopes.ts';
import * as accounts from './store.ts';
import { createSuspension } from './suspend.ts';

const postgres = await startTestPostgres();
const rig = await openRig({ url: await postgres.createDatabase() });
after(async () => {
  await rig.close();
  await postgres.close();
});

const NEW_PASSWORD = 'a wholly different sentence';
const active = async (token: string) => (await rig.validateToken(token)) !== undefined;

async function sessionOf(accessToken: string): Promise<string> {
  return (await rig.verify(accessToken))?.sid ?? '';
}

test('other roles raise the version; the same ones change nothing', async () => {
  const { id, email } = await person(rig);
  const { accessToken, refreshToken } = await logInAs(rig, email);
  const setRoles = (roles: readonly ('member' | 'moderator' | 'admin')[]) =>
    rig.accounts.setRoles({ accountId: id, roles, actor: 'usr_admin' }, HERE);
  await setRoles(['member']);
  assert.ok(await active(accessToken));
  assert.deepEqual(await setRoles(['moderator', 'member', 'admin']), [
    'admin',
    'member',
    'moderator',
  ]);
  assert.ok(!(await active(accessToken)));
  const next = await rig.refresh(refreshToken, HERE);
  assert.ok(await active(next.accessToken));
  assert.match(next.scope, /account:admin/);
  const { version } = (await accounts.find(rig.db, id)) ?? {};
  assert.equal(version, 2);
  await assert.rejects(
    rig.accounts.setRoles({ accountId: 'usr_none', roles: ['member'], actor: 'x' }, HERE),
    { code: 'auth.account_unknown' },
  );
});

test('a role that was taken away takes its scope from a session that had asked for it', async () => {
  const { id, email } = await person(rig);
  const set = (roles: readonly ('member' | 'admin')[]) =>
    rig.accounts.setRoles({ accountId: id, roles, actor: 'usr_admin' }, HERE);
  await set(['member', 'admin']);
  const scope = 'board:read account:admin';
  const pair = await rig.logIn({ email, password: PASSWORD, scope }, HERE);
  await set(['member']);
  assert.equal((await rig.refresh(pair.refreshToken, HERE)).scope, 'board:read');
});

test('the last administrator keeps the role, whoever takes it, and is not suspended', async () => {
  const [one, two] = [await person(rig), await person(rig)];
  const set = (accountId: string, ...roles: readonly ('member' | 'moderator' | 'admin')[]) =>
    rig.accounts.setRoles({ accountId, roles, actor: 'usr_admin' }, HERE);
  const suspension = createSuspension(rig.parts);
  const by = { actor: 'spiffe://x/operator', origin: HERE };
  await sql`update account set roles = '{member}'`.execute(rig.db);
  await set(one.id, 'member', 'admin');
  for (const roles of [['member'], ['moderator'], ['member', 'moderator']] as const) {
    await assert.rejects(set(one.id, ...roles), { code: 'auth.last_admin' });
  }
  await assert.rejects(suspension.suspend(one.id, by), { code: 'auth.last_admin' });
  await set(one.id, 'admin');
  await set(two.id, 'member', 'admin');
  await suspension.suspend(two.id, by);
  await assert.rejects(set(one.id, 'member'), { code: 'auth.last_admin' });
  await suspension.reinstate(two.id, by);
  await set(one.id, 'member');
  await assert.rejects(set(two.id, 'member'), { code: 'auth.last_admin' });
});

test('of administrators who demote or suspend each other at once one stays', async () => {
  const admins = await Promise.all([person(rig), person(rig), person(rig)]);
  const by = { actor: 'spiffe://x/operator', origin: HERE };
  const suspension = createSuspension(rig.parts);
  const isAdmin = sql<boolean>`'admin' = any(roles) and status = 'ACTIVE'`;
  for (let round = 0; round < 5; round += 1) {
    await sql`update account set roles = '{member}'`.execute(rig.db);
    for (const { id } of admins) {
      await sql`update account set roles = '{admin}', status = 'ACTIVE' where account_id = ${id}`.execute(
        rig.db,
      );
    }
    const ends = await Promise.allSettled(
      admins.map(({ id }, index) =>
        index === 0
          ? suspension.suspend(id, by)
          : rig.accounts.setRoles({ accountId: id, roles: ['member'], actor: 'x' }, HERE),
      ),
    );
    assert.equal(ends.filter(({ status }) => status === 'rejected').length, 1);
    const left = await rig.db.selectFrom('account').select('account_id').where(isAdmin).execute();
    assert.equal(left.length, 1);
  }
});

test('a new password ends every other session, and the own one goes on by a refresh', async () => {
  const { id, email } = await person(rig);
  const [mine, other] = [await logInAs(rig, email), await logInAs(rig, email)];
  const change = {
    accountId: id,
    sessionId: await sessionOf(mine.accessToken),
    currentPassword: PASSWORD,
    newPassword: NEW_PASSWORD,
  };
  await rig.accounts.changePassword(change, HERE);
  assert.ok(!(await active(mine.accessToken)));
  assert.ok(!(await active(other.accessToken)));
  await assert.rejects(rig.refresh(other.refreshToken, HERE), { code: 'auth.refresh_invalid' });
  assert.ok(await active((await rig.refresh(mine.refreshToken, HERE)).accessToken));
  await assert.rejects(logInAs(rig, email), { code: 'auth.credentials_invalid' });
  await logInAs(rig, email, NEW_PASSWORD);
});

test('the current password must be right, and guesses at it count as log-ins', async () => {
  const { id, email } = await person(rig);
  const guess = (currentPassword: string, newPassword = NEW_PASSWORD) =>
    rig.accounts.changePassword(
      { accountId: id, sessionId: 'ses_x', currentPassword, newPassword },
      HERE,
    );
  await assert.rejects(guess(PASSWORD, 'password123456'), {
    code: 'auth.password_too_common',
    fields: [{ pointer: '/newPassword', detail: 'is too easy to guess: take another one' }],
  });
  for (let attempt = 0; attempt < 5; attempt += 1) {
    await assert.rejects(guess('wrong'), {
      code: 'auth.current_password_wrong',
      fields: [{ pointer: '/currentPassword', detail: 'is not the current password' }],
    });
  }
  await assert.rejects(guess(PASSWORD), { code: 'auth.too_many_attempts' });
  await assert.rejects(logInAs(rig, email), { code: 'auth.too_many_attempts' });
});

test('a token is validated by what the database knows now', async () => {
  const { email } = await person(rig);
  const { accessToken, refreshToken } = await logInAs(rig, email);
  const good = await rig.validateToken(accessToken);
  assert.equal(good?.scope, scopeOfRoles(['member']));
  for (const bad of ['', 'x', 'a.b.c', `${accessToken}x`]) assert.ok(!(await active(bad)));
  await rig.sessions.logOut(refreshToken, HERE);
  assert.ok(!(await active(accessToken)));
  const other = await logInAs(rig, email);
  rig.clock.advance(901);
  assert.ok(!(await active(other.accessToken)));
});

test('a token that was revoked by itself is not good, though its session is', async () => {
  const { email } = await person(rig);
  const { accessToken } = await logInAs(rig, email);
  const jti = (await rig.verify(accessToken))?.jti ?? '';
  const now = new Date(rig.clock.nowMs());
  await rig.database.transaction((tx) =>
    changes.append(tx, { kind: 'token_revoked', about: jti }, now),
  );
  assert.ok(!(await active(accessToken)));
});

test('sessions are listed newest first, until they end', async () => {
  const { id, email } = await person(rig);
  const first = await logInAs(rig, email);
  rig.clock.advance(1);
  const second = await logInAs(rig, email);
  const ids = async () => (await rig.sessions.list(id)).map((session) => session.id);
  const expected = [await sessionOf(second.accessToken), await sessionOf(first.accessToken)];
  assert.deepEqual(await ids(), expected);
  await rig.sessions.end({ sessionId: expected[0] ?? '', accountId: id }, HERE);
  assert.deepEqual(await ids(), expected.slice(1));
  rig.clock.advance(7 * 24 * 3600 + 1);
  assert.deepEqual(await ids(), []);
});

test('a log-out by a used token ends the session too, and an unknown one does nothing', async () => {
  const { email } = await person(rig);
  const first = await logInAs(rig, email);
  const second = await rig.refresh(first.refreshToken, HERE);
  await rig.sessions.logOut('no such token', HERE);
  await rig.sessions.logOut(first.refreshToken, HERE);
  await rig.sessions.logOut(first.refreshToken, HERE);
  await assert.rejects(rig.refresh(second.refreshToken, HERE), { code: 'auth.refresh_invalid' });
});

test('what is over is deleted', async () => {
  const { email } = await person(rig);
  await logInAs(rig, email);
  rig.clock.advance(40 * 24 * 3600);
  await rig.keepHouse();
  const { read } = rig.database;
  for (const table of ['session', 'refresh_token', 'access_change', 'used_proof'] as const) {
    assert.deepEqual(await read.selectFrom(table).selectAll().execute(), [], table);
  }
});
