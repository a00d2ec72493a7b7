/** The user service over real gRPC on a real Postgres: what each method returns and rejects. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { CallOptions, ServiceClient } from '@gatehouse/chassis';
import { User_Status, UserService } from '@gatehouse/contracts/gen/gatehouse/user/v1/user_pb.ts';
import { GatehouseError } from '@gatehouse/errors';
import { type Database, newId, openDatabase } from '@gatehouse/postgres';
import {
  createTestClock,
  createTestIssuer,
  type ServiceUnderTest,
  startServiceUnderTest,
} from '@gatehouse/testing';
import { build } from './app.ts';
import type { ProfileRow, UserTables } from './profiles.ts';

const clock = createTestClock();
const issuer = createTestIssuer({ clock });
let tested: ServiceUnderTest;
let database: Database<UserTables>;
/** As auth calls it, and as the gateway does. */
let fromAuth: ServiceClient<typeof UserService>;
let fromGateway: ServiceClient<typeof UserService>;

before(async () => {
  tested = await startServiceUnderTest({ name: 'user', build, issuer, clock });
  fromAuth = await tested.clientOf(UserService, 'auth');
  fromGateway = await tested.clientOf(UserService);
  const log = { info() {}, warn() {} };
  database = openDatabase<UserTables>({ url: tested.databaseUrl, name: 'test', log });
});

after(async () => {
  await database.close();
  await tested.close();
});

function setStatus(userId: string, status: ProfileRow['status']): Promise<unknown> {
  return database.read
    .updateTable('profile')
    .set({ status })
    .where('user_id', '=', userId)
    .execute();
}

function asAuth(): CallOptions {
  return { passport: issuer.workloadPassport('auth') };
}

function asPerson(sub: string): CallOptions {
  return { passport: issuer.passport({ sub, scope: 'user:read user:write' }) };
}

async function refused(code: string, call: Promise<unknown>): Promise<GatehouseError> {
  const error = await call.then(
    () => assert.fail(`not refused with ${code}`),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof GatehouseError, String(error));
  assert.equal(error.code, code);
  return error;
}

/** A person whose sign-up went through. */
async function signedUp(nickname = 'Ana'): Promise<string> {
  const userId = newId('usr');
  await fromAuth.createProfile({ userId, nickname }, asAuth());
  await fromAuth.activateUser({ userId }, asAuth());
  return userId;
}

test('a profile is pending until it is activated, and not there for its person', async () => {
  const userId = newId('usr');
  const created = await fromAuth.createProfile({ userId, nickname: 'Ana' }, asAuth());
  assert.deepEqual([created.userId, created.status], [userId, User_Status.PENDING]);
  await refused('user.not_found', fromGateway.getMe({}, asPerson(userId)));
  const active = await fromAuth.activateUser({ userId }, asAuth());
  assert.equal(active.status, User_Status.ACTIVE);
  const me = await fromGateway.getMe({}, asPerson(userId));
  assert.deepEqual(me, active);
  assert.deepEqual(
    [me.nickname, me.interests, me.settings?.locale, me.settings?.timeZone],
    ['Ana', [], 'en', 'UTC'],
  );
});

test('the steps of a sign-up can be repeated', async () => {
  const userId = newId('usr');
  const first = await fromAuth.createProfile({ userId, nickname: 'Ana' }, asAuth());
  clock.advance(1_000);
  assert.deepEqual(await fromAuth.createProfile({ userId, nickname: 'Ana' }, asAuth()), first);
  const renamed = await fromAuth.createProfile({ userId, nickname: 'Bea' }, asAuth());
  assert.equal(renamed.nickname, 'Bea');
  const active = await fromAuth.activateUser({ userId }, asAuth());
  assert.deepEqual(await fromAuth.activateUser({ userId }, asAuth()), active);
  assert.deepEqual(await fromAuth.createProfile({ userId, nickname: 'Cleo' }, asAuth()), active);
});

test('the steps of a sign-up sent many times at once do their work once', async () => {
  const userId = newId('usr');
  const create = () => fromAuth.createProfile({ userId, nickname: 'Ana' }, asAuth());
  const made = await Promise.all(Array.from({ length: 8 }, create));
  for (const profile of made) assert.deepEqual(profile, made[0]);
});

test('a sign-up that was given up stays so', async () => {
  const userId = newId('usr');
  await fromAuth.createProfile({ userId, nickname: 'Ana' }, asAuth());
  const failed = await fromAuth.markSignupFailed({ userId }, asAuth());
  assert.equal(failed.status, User_Status.SIGNUP_FAILED);
  assert.deepEqual(await fromAuth.markSignupFailed({ userId }, asAuth()), failed);
  await refused('user.status_move', fromAuth.activateUser({ userId }, asAuth()));
  await refused('user.status_move', fromAuth.createProfile({ userId, nickname: 'Ana' }, asAuth()));
  await refused('user.not_found', fromGateway.getMe({}, asPerson(userId)));
});

test('a sign-up given up before its profile was asked for refuses the late request', async () => {
  const userId = newId('usr');
  const tombstone = await fromAuth.markSignupFailed({ userId }, asAuth());
  assert.equal(tombstone.status, User_Status.SIGNUP_FAILED);
  await refused('user.status_move', fromAuth.createProfile({ userId, nickname: 'Ana' }, asAuth()));
  await refused('user.status_move', fromAuth.activateUser({ userId }, asAuth()));
});

test('what sign-up does not own it does not move', async () => {
  const active = await signedUp();
  const error = await refused(
    'user.status_move',
    fromAuth.markSignupFailed({ userId: active }, asAuth()),
  );
  assert.equal(error.kind, 'FAILED_PRECONDITION');
  for (const status of ['SUSPENDED', 'DELETED'] as const) {
    const userId = await signedUp();
    await setStatus(userId, status);
    await refused('user.status_move', fromAuth.activateUser({ userId }, asAuth()));
    await refused('user.status_move', fromAuth.markSignupFailed({ userId }, asAuth()));
    await refused('user.not_found', fromGateway.getMe({}, asPerson(userId)));
    await refused('user.not_found', fromGateway.updateMe({ nickname: 'Bea' }, asPerson(userId)));
  }
});

test('an unknown profile is not found', async () => {
  const userId = newId('usr');
  await refused('user.not_found', fromAuth.activateUser({ userId }, asAuth()));
  await refused('user.not_found', fromGateway.getMe({}, asPerson(userId)));
  await refused('user.not_found', fromGateway.updateMe({ nickname: 'Bea' }, asPerson(userId)));
});

test('a person changes what is given, as it is given, and nothing else', async () => {
  const me = asPerson(await signedUp());
  const settings = { locale: 'ko-KR', timeZone: 'Asia/Seoul', emailNotifications: false };
  const first = await fromGateway.updateMe({ settings, interests: ['go', ' tea'] }, me);
  assert.deepEqual([first.nickname, first.settings?.locale], ['Ana', 'ko-KR']);
  assert.deepEqual(first.interests, ['go', ' tea']);
  clock.advance(1_000);
  const second = await fromGateway.updateMe({ nickname: ' Bea' }, me);
  assert.deepEqual(second, { ...first, nickname: ' Bea', updatedAt: second.updatedAt });
  assert.notDeepEqual(second.updatedAt, first.updatedAt);
  clock.advance(1_000);
  assert.deepEqual(await fromGateway.updateMe({}, me), second);
  const cleared = await fromGateway.updateMe({ updateMask: { paths: ['interests'] } }, me);
  assert.deepEqual([cleared.interests, cleared.nickname], [[], ' Bea']);
});

test('a person cannot take the steps of a sign-up', async () => {
  const userId = await signedUp();
  const call = fromGateway.markSignupFailed({ userId }, asPerson(userId));
  const error = await call.catch((thrown: unknown) => thrown);
  assert.ok(error instanceof GatehouseError && error.kind === 'PERMISSION_DENIED');
});
