/** The wire of `/auth/v1`, line by line: what is answered, and what is refused. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { call } from './support/edge.ts';
import { remember } from './support/ledger.ts';
import { logIn, refresh, signUp, stranger, type TokenBody } from './support/people.ts';
import { assertProblem, assertUnauthorized } from './support/problem.ts';

const GARBAGE = { authorization: 'Bearer not.a.token' };

function assertTokens(tokens: TokenBody): void {
  assert.match(tokens.accessToken, /^[\w-]+\.[\w-]+\.[\w-]+$/);
  assert.match(tokens.refreshToken, /^[\w-]{43,}$/);
  assert.equal(tokens.tokenType, 'Bearer');
  assert.equal(tokens.expiresInSeconds, 900);
  assert.ok(tokens.refreshExpiresInSeconds > 6 * 86_400);
  assert.ok(tokens.refreshExpiresInSeconds <= 7 * 86_400);
}

test('sign-up makes an account that is active at once', async () => {
  const answer = await call<{ userId: string; status: string }>('POST /auth/v1/sign-up', {
    body: stranger(),
  });
  assert.equal(answer.status, 201, answer.text);
  assert.deepEqual(Object.keys(answer.body).sort(), ['status', 'userId']);
  assert.match(answer.body.userId, /^usr_[0-9a-z]{26}$/);
  assert.equal(answer.body.status, 'ACTIVE');
});

test('sign-up with a taken e-mail is a conflict, whatever its capitals', async () => {
  const person = await signUp();
  for (const email of [person.email, person.email.toUpperCase()]) {
    const again = { ...stranger(), email };
    assertProblem(await call('POST /auth/v1/sign-up', { body: again }), 409);
  }
});

test('sign-up names every member that is wrong', async () => {
  const body = {
    email: 'nobody',
    password: remember('password', randomBytes(6).toString('base64url')),
    nickname: 'x',
  };
  const answer = await call('POST /auth/v1/sign-up', { body });
  assertProblem(answer, 400, { at: ['/email', '/password', '/nickname'] });
  assert.ok(!answer.text.includes(body.password));
});

test('sign-up refuses a password that is common or holds the e-mail', async () => {
  for (const password of ['password1234', 'sam.sample@people.example']) {
    const body = { email: 'sam.sample@people.example', password, nickname: 'Sam' };
    assertProblem(await call('POST /auth/v1/sign-up', { body }), 400, { at: ['/password'] });
  }
});

test('a member that the contract does not know is refused by its name', async () => {
  const body = { ...stranger(), isAdmin: true };
  const problem = assertProblem(await call('POST /auth/v1/sign-up', { body }), 400);
  assert.match(JSON.stringify(problem), /isAdmin/);
});

test('a body that is no JSON object is refused', async () => {
  for (const body of [[], 'text', 7, null]) {
    assertProblem(await call('POST /auth/v1/login', { body }), 400);
  }
});

test('log-in opens a session, also beside a stale Bearer header', async () => {
  const person = await signUp();
  assertTokens(await logIn(person));
  const { email, password } = person;
  const answer = await call<TokenBody>('POST /auth/v1/login', {
    body: { email, password },
    headers: GARBAGE,
  });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  remember('access token', answer.body.accessToken);
  remember('refresh token', answer.body.refreshToken);
});

test('log-in answers a wrong password and an unknown e-mail alike', async () => {
  const person = await signUp();
  const wrong = { email: person.email, password: stranger().password };
  const { email, password } = stranger();
  const answers = [
    assertUnauthorized(await call('POST /auth/v1/login', { body: wrong })),
    assertUnauthorized(await call('POST /auth/v1/login', { body: { email, password } })),
  ].map(({ traceId: _own, ...shared }) => shared);
  assert.deepEqual(answers[0], answers[1]);
});

test('log-in without its members names them', async () => {
  const answer = await call('POST /auth/v1/login', { body: {} });
  assertProblem(answer, 400, { at: ['/email', '/password'] });
});

test('refresh trades a token for a new pair, also beside a stale Bearer header', async () => {
  const first = await logIn(await signUp());
  const answer = await refresh(first.refreshToken);
  assert.equal(answer.status, 200, answer.text);
  assertTokens(answer.body);
  assert.notEqual(answer.body.refreshToken, first.refreshToken);
  const next = await call<TokenBody>('POST /auth/v1/refresh', {
    body: { refreshToken: answer.body.refreshToken },
    headers: GARBAGE,
  });
  assert.equal(next.status, 200, next.text);
  remember('access token', next.body.accessToken);
  remember('refresh token', next.body.refreshToken);
});

test('refresh refuses a token that it never gave out', async () => {
  assertUnauthorized(await refresh('A'.repeat(43)));
  assertProblem(await call('POST /auth/v1/refresh', { body: {} }), 400, { at: ['/refreshToken'] });
});

test('logout answers 204 with nothing in it, for an unknown token too', async () => {
  const { refreshToken } = await logIn(await signUp());
  for (const token of [refreshToken, refreshToken, 'A'.repeat(43)]) {
    const answer = await call('POST /auth/v1/logout', { body: { refreshToken: token } });
    assert.equal(answer.status, 204, answer.text);
    assert.equal(answer.text, '');
  }
  assertProblem(await refresh(refreshToken), 401);
});

interface SessionsBody {
  readonly sessions: readonly {
    readonly sessionId: string;
    readonly createdAt: string;
    readonly clientAddress: string;
    readonly current: boolean;
  }[];
}

test('sessions lists the own ones, newest first, and ends one of them', async () => {
  const person = await signUp();
  const older = await logIn(person);
  const newer = await logIn(person);
  const list = await call<SessionsBody>('GET /auth/v1/sessions', { token: newer.accessToken });
  assert.equal(list.status, 200, list.text);
  const { sessions } = list.body;
  assert.deepEqual(
    sessions.map(({ current, clientAddress }) => [current, clientAddress]),
    [
      [true, '127.0.0.1'],
      [false, '127.0.0.1'],
    ],
  );
  assert.ok((sessions[0]?.createdAt ?? '') >= (sessions[1]?.createdAt ?? ''));

  const line = `DELETE /auth/v1/sessions/${sessions[1]?.sessionId}` as const;
  const ended = await call(line, { token: newer.accessToken });
  assert.equal(ended.status, 204, ended.text);
  assert.equal(ended.text, '');
  assertProblem(await refresh(older.refreshToken), 401);
  const left = await call<SessionsBody>('GET /auth/v1/sessions', { token: newer.accessToken });
  assert.equal(left.body.sessions.length, 1);
});

test('a session of someone else is not found', async () => {
  const mine = await logIn(await signUp());
  const theirs = await logIn(await signUp());
  const list = await call<SessionsBody>('GET /auth/v1/sessions', { token: theirs.accessToken });
  const line = `DELETE /auth/v1/sessions/${list.body.sessions[0]?.sessionId}` as const;
  assertProblem(await call(line, { token: mine.accessToken }), 404);
  assert.equal((await refresh(theirs.refreshToken)).status, 200);
});

test('sessions asks for a token', async () => {
  assertUnauthorized(await call('GET /auth/v1/sessions'));
  assertUnauthorized(await call('DELETE /auth/v1/sessions/ses_unknown'));
});

interface ValidateBody {
  readonly active: boolean;
  readonly sub: string;
  readonly scope: string;
  readonly expiresAt?: string | null;
}

test('validate says whether an access token is good now', async () => {
  const person = await signUp();
  const tokens = await logIn(person);
  const good = await call<ValidateBody>('POST /auth/v1/validate', {
    body: { token: tokens.accessToken },
  });
  assert.equal(good.status, 200, good.text);
  assert.equal(good.body.active, true);
  assert.equal(good.body.sub, person.userId);
  assert.equal(good.body.scope, tokens.scope);
  assert.ok(Date.parse(good.body.expiresAt ?? '') > Date.now());

  await call('POST /auth/v1/logout', { body: { refreshToken: tokens.refreshToken } });
  for (const token of [tokens.accessToken, 'not.a.token']) {
    const bad = await call<ValidateBody>('POST /auth/v1/validate', { body: { token } });
    assert.equal(bad.status, 200, bad.text);
    assert.deepEqual([bad.body.active, bad.body.sub, bad.body.scope], [false, '', '']);
  }
});

test('log-in takes five wrong passwords a minute for an account, unknown ones alike', async () => {
  for (const { email } of [await signUp(), stranger()]) {
    const statuses: number[] = [];
    for (let attempt = 1; attempt <= 6; attempt += 1) {
      const answer = await call('POST /auth/v1/login', {
        body: { email, password: stranger().password },
      });
      statuses.push(answer.status);
      if (answer.status === 429) assert.ok(Number(answer.headers.get('retry-after')) >= 1);
    }
    assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429]);
  }
});

// The last one: it uses up what this address may ask in a minute.
test('validate is limited', async () => {
  const ask = () => call('POST /auth/v1/validate', { body: { token: 'not.a.token' } });
  let answer = await ask();
  for (let count = 1; answer.status === 200 && count < 100; count += 1) answer = await ask();
  assertProblem(answer, 429);
  assert.ok(Number(answer.headers.get('retry-after')) >= 1);
});
