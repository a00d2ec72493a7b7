/** The wire of `/user/v1`, line by line: what is answered, and what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call } from './support/edge.ts';
import { logIn, signUp } from './support/people.ts';
import { assertProblem, assertUnauthorized } from './support/problem.ts';

const ME = '/user/v1/users/me';

interface Profile {
  readonly userId: string;
  readonly nickname: string;
  readonly status: string;
  readonly settings: {
    readonly locale: string;
    readonly timeZone: string;
    readonly emailNotifications: boolean;
  };
  readonly interests: readonly string[];
  readonly createdAt: string;
  readonly updatedAt: string;
}

async function newcomer() {
  const person = await signUp();
  return { ...person, token: (await logIn(person)).accessToken };
}

test('a person reads the own profile', async () => {
  const { token, userId, nickname } = await newcomer();
  const answer = await call<Profile>(`GET ${ME}`, { token });
  assert.equal(answer.status, 200, answer.text);
  const { createdAt, updatedAt, settings, ...rest } = answer.body;
  assert.deepEqual(rest, { userId, nickname, status: 'ACTIVE', interests: [] });
  assert.deepEqual(Object.keys(settings).sort(), ['emailNotifications', 'locale', 'timeZone']);
  assert.ok(Date.parse(createdAt) <= Date.parse(updatedAt));
});

test('a change touches the members that the body names, and no other', async () => {
  const { token, nickname } = await newcomer();
  const settings = { locale: 'ko-KR', timeZone: 'Asia/Seoul', emailNotifications: false };
  const change = async (body: object) => {
    const answer = await call<Profile>(`PATCH ${ME}`, { token, body });
    assert.equal(answer.status, 200, answer.text);
    return answer.body;
  };

  const first = await change({ settings, interests: ['go', 'tea'] });
  assert.deepEqual([first.nickname, first.settings], [nickname, settings]);
  assert.deepEqual(first.interests, ['go', 'tea']);
  const second = await change({ nickname: ' Zoë 🌊 ' });
  assert.equal(second.nickname, ' Zoë 🌊 ');
  assert.deepEqual([second.settings, second.interests], [settings, ['go', 'tea']]);
  const third = await change({ interests: [] });
  assert.deepEqual([third.settings, third.interests], [settings, []]);
  assert.deepEqual(await change({}), third);
  assert.deepEqual((await call<Profile>(`GET ${ME}`, { token })).body, third);
});

test('a change with wrong members names them and changes nothing', async () => {
  const { token, nickname } = await newcomer();
  const refuse = async (body: object, at: readonly string[]) => {
    assertProblem(await call(`PATCH ${ME}`, { token, body }), 400, { at });
  };
  await refuse({ nickname: 'x' }, ['/nickname']);
  await refuse({ interests: ['tea', 'tea'] }, ['/interests']);
  await refuse({ interests: ['tea', ''] }, ['/interests/1']);
  await refuse({ nickname: 'Fine', settings: { locale: '?', timeZone: 'Asia/Seoul' } }, [
    '/settings/locale',
  ]);
  const unknown = await call(`PATCH ${ME}`, { token, body: { status: 'SUSPENDED' } });
  assert.match(JSON.stringify(assertProblem(unknown, 400)), /status/);
  assert.equal((await call<Profile>(`GET ${ME}`, { token })).body.nickname, nickname);
});

test('an update mask decides alone what a change touches', async () => {
  const { token, nickname } = await newcomer();
  const body = { nickname: 'Ignored', interests: ['tea'], updateMask: 'interests' };
  const changed = await call<Profile>(`PATCH ${ME}`, { token, body });
  assert.deepEqual([changed.body.nickname, changed.body.interests], [nickname, ['tea']]);
  const cleared = await call<Profile>(`PATCH ${ME}`, { token, body: { updateMask: 'interests' } });
  assert.deepEqual(cleared.body.interests, []);
  for (const [request, pointer] of [
    [{ updateMask: 'status' }, '/updateMask'],
    [{ updateMask: 'nickname' }, '/nickname'],
    [{ nickname: null }, '/nickname'],
  ] as const) {
    assertProblem(await call(`PATCH ${ME}`, { token, body: request }), 400, { at: [pointer] });
  }
});

test('a profile asks for a token, and a change for the scope to write', async () => {
  assertUnauthorized(await call(`GET ${ME}`));
  assertUnauthorized(await call(`PATCH ${ME}`, { body: { nickname: 'Ana' } }));
  const narrow = await logIn(await signUp(), { scope: 'user:read' });
  const token = narrow.accessToken;
  assert.equal((await call(`GET ${ME}`, { token })).status, 200);
  assertProblem(await call(`PATCH ${ME}`, { token, body: { nickname: 'Ana' } }), 403);
});

test('what the contract keeps inside cannot be reached from outside', async () => {
  const { token } = await newcomer();
  for (const path of [
    '/user/v1/users',
    '/gatehouse.user.v1.UserService/ActivateUser',
    '/gatehouse.auth.v1.AuthService/RegisterPassportKey',
  ] as const) {
    assertProblem(await call(`POST ${path}`, { token, body: {} }), 404);
  }
});
