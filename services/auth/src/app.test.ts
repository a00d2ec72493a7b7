import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openDatabase, sql } from '@gatehouse/postgres';
import type { AuthTables } from './database.ts';
import { passports, registerKey, startFleet } from './test-support/fleet.ts';
import { eventually, PASSWORD, SILENT } from './test-support/rig.ts';

const fleet = await startFleet();
after(() => fleet.close());
const one = await fleet.startAuth({ GATEHOUSE_BOOTSTRAP_ADMIN_EMAIL: 'Root@Example.com' });
const two = await fleet.startAuth();
const auth = one.client;
const { key, answer: registered } = await registerKey(auth);
const pass = passports(key);

const account = (email: string) => ({ email, password: PASSWORD, nickname: 'Someone' });
const signUp = (email: string) => auth.createUser(account(email), pass.anonymous('CreateUser'));
const logIn = (email: string, password = PASSWORD) =>
  auth.login({ email, password }, pass.anonymous('Login'));

test('a registered key is bound to the gateway, leased, and counts at once', async () => {
  assert.equal(registered.kid, key.kid);
  assert.equal(registered.issuer, 'spiffe://gatehouse.local/gateway');
  assert.equal(registered.heartbeatSeconds, 120);
  const { status } = await signUp('first@example.com');
  assert.equal(status, 2);
});

test('a person signs up, logs in, refreshes, sees the session and logs out', async () => {
  const { userId } = await signUp('whole@example.com');
  await assert.rejects(signUp('Whole@Example.com'), { code: 'auth.email_taken' });
  const pair = await logIn('whole@example.com');
  assert.equal(pair.tokenType, 'Bearer');
  assert.equal(pair.expiresInSeconds, 900);
  const next = await auth.refresh({ refreshToken: pair.refreshToken }, pass.anonymous('Refresh'));
  const { sessions } = await auth.listSessions({}, pass.person(next.accessToken));
  assert.deepEqual(
    sessions.map(({ current, clientAddress }) => ({ current, clientAddress })),
    [{ current: true, clientAddress: '192.0.2.1' }],
  );
  const validate = () =>
    auth.validateToken({ token: next.accessToken }, pass.anonymous('ValidateToken'));
  const good = await validate();
  assert.deepEqual([good.active, good.sub, good.scope], [true, userId, next.scope]);
  await auth.logout({ refreshToken: next.refreshToken }, pass.anonymous('Logout'));
  const { $typeName: _name, ...bad } = await validate();
  assert.deepEqual(bad, { active: false, sub: '', scope: '' });
});

test('the passport of an ended session is refused here, and at the other replica', async () => {
  await signUp('ended@example.com');
  const { accessToken } = await logIn('ended@example.com');
  const passport = pass.person(accessToken);
  const { sessions } = await auth.listSessions({}, passport);
  await two.client.listSessions({}, passport);
  await auth.endSession({ sessionId: sessions[0]?.sessionId ?? '' }, passport);
  const refused = { kind: 'UNAUTHENTICATED' };
  await eventually(() => assert.rejects(auth.listSessions({}, passport), refused));
  await eventually(() => assert.rejects(two.client.listSessions({}, passport), refused));
});

test('somebody else’s session, and one that never was, are not found alike', async () => {
  await signUp('mine@example.com');
  await signUp('other@example.com');
  const mine = pass.person((await logIn('mine@example.com')).accessToken);
  const others = pass.person((await logIn('other@example.com')).accessToken);
  const { sessions } = await auth.listSessions({}, others);
  for (const sessionId of [sessions[0]?.sessionId ?? '', 'ses_nothing']) {
    await assert.rejects(auth.endSession({ sessionId }, mine), { code: 'auth.session_unknown' });
  }
  assert.equal((await auth.listSessions({}, others)).sessions.length, 1);
});

test('the bootstrap address becomes admin; its roles change others and refuse their old tokens', async () => {
  await signUp('root@example.com');
  const { userId } = await signUp('mod@example.com');
  const admin = await logIn('root@example.com');
  assert.match(admin.scope, /account:admin/);
  const before = await logIn('mod@example.com');
  const rootPass = pass.person(admin.accessToken);
  const { roles } = await auth.setRoles({ userId, roles: ['moderator', 'member'] }, rootPass);
  assert.deepEqual(roles, ['member', 'moderator']);
  const stale = pass.person(before.accessToken);
  await eventually(() => assert.rejects(auth.listSessions({}, stale), { kind: 'UNAUTHENTICATED' }));
  const { refreshToken } = before;
  const fresh = await auth.refresh({ refreshToken }, pass.anonymous('Refresh'));
  await auth.listSessions({}, pass.person(fresh.accessToken));
  await assert.rejects(
    auth.setRoles({ userId, roles: ['admin'] }, pass.person(fresh.accessToken)),
    { kind: 'PERMISSION_DENIED' },
  );
});

test('what happens is written down with its actor, address and trace', async () => {
  const { userId } = await signUp('audited@example.com');
  await logIn('audited@example.com');
  const database = openDatabase<AuthTables>({ url: fleet.databaseUrl, name: 'test', log: SILENT });
  const rows = await database.read
    .selectFrom('audit')
    .selectAll()
    .where('actor', '=', userId)
    .orderBy('audit_id')
    .execute();
  await database.close();
  assert.deepEqual(
    rows.map(({ action }) => action),
    ['signup.started', 'signup.completed', 'login.succeeded'],
  );
  for (const row of rows) {
    assert.equal(row.client_address, '192.0.2.1');
    assert.match(row.trace_id, /^[0-9a-f]{32}$/);
  }
});

test('bad fields are named', async () => {
  const weak = { ...account('weak@example.com'), password: 'password123456' };
  await assert.rejects(auth.createUser(weak, pass.anonymous('CreateUser')), {
    code: 'auth.password_too_common',
    fields: [{ pointer: '/password', detail: 'is too easy to guess: take another one' }],
  });
  const narrowed = { email: 'first@example.com', password: PASSWORD, scope: 'account:admin' };
  await assert.rejects(auth.login(narrowed, pass.anonymous('Login')), {
    code: 'auth.scope_invalid',
  });
});

test('no secret of this run is in the database in clear', async () => {
  const { email, password } = { email: 'scan@example.com', password: 'violet-harbour-9-lantern' };
  await auth.createUser({ email, password, nickname: 'Scan' }, pass.anonymous('CreateUser'));
  const first = await logIn(email, password);
  const { refreshToken } = first;
  const second = await auth.refresh({ refreshToken }, pass.anonymous('Refresh'));
  await assert.rejects(logIn(email, 'not-this-one-at-all'));
  const secrets = [password, 'not-this-one-at-all'];
  for (const pair of [first, second]) secrets.push(pair.accessToken, pair.refreshToken);
  const dump = await dumpDatabase();
  assert.ok(dump.includes(email), 'the dump must hold what the run wrote');
  for (const secret of secrets) {
    assert.ok(!dump.includes(secret), 'a secret is in a text column');
    assert.ok(!dump.includes(Buffer.from(secret).toString('hex')), 'a secret is in a bytes column');
  }
  // How PKCS #8 begins for RSA and for P-256 (RFC 5958): version, then algorithm.
  for (const mark of ['020100300d06092a864886f70d010101', '020100301306072a8648ce3d0201']) {
    assert.ok(!dump.includes(mark), 'a private key is in clear');
  }
});

async function dumpDatabase(): Promise<string> {
  const database = openDatabase({ url: fleet.databaseUrl, name: 'scan', log: SILENT });
  const tables = await sql<{ name: string }>`
    SELECT table_name AS name FROM information_schema.tables
    WHERE table_schema = 'public'`.execute(database.read);
  assert.ok(tables.rows.length >= 10);
  let dump = '';
  for (const { name } of tables.rows) {
    const { rows } = await sql<{ line: string }>`
      SELECT t::text AS line FROM ${sql.table(name)} t`.execute(database.read);
    dump += rows.map((row) => row.line).join('\n');
  }
  await database.close();
  return dump;
}
