/** Sessions over two gateways: what ends one, how fast it is known, and what survives a crash. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { target } from '../support/config.ts';
import { call, GATEWAYS } from '../support/edge.ts';
import { logIn, logInAs, refresh, signUp, stranger, type TokenBody } from '../support/people.ts';
import { assertProblem, assertUnauthorized } from '../support/problem.ts';
import { crash } from '../support/processes.ts';
import { until } from '../support/until.ts';

/** How soon after its end a session is refused everywhere. */
const NEWS_WITHIN_MS = 1_000;
/** How long auth, killed, may take to be back with those who listen to it. */
const RECOVERED_WITHIN_MS = 30_000;
/** DESIGN: within this a repeated refresh gets the same successor. */
const GRACE_MS = 10_000;

function me(token: string, gateway: 0 | 1) {
  return call('GET /user/v1/users/me', { token, gateway });
}

/** Both gateways admit it, and have it in their caches from then on. */
async function assertAdmitted({ accessToken }: TokenBody): Promise<void> {
  for (const gateway of GATEWAYS) {
    const answer = await me(accessToken, gateway);
    assert.equal(answer.status, 200, answer.text);
  }
}

/** Whatever was sent later than `withinMs` after now is refused, and before that nothing else fails. */
async function assertRefusedEverywhere(token: string, withinMs = NEWS_WITHIN_MS): Promise<void> {
  const sinceMs = performance.now();
  await Promise.all(
    GATEWAYS.map(async (gateway) => {
      for (;;) {
        const sentAfterMs = performance.now() - sinceMs;
        const answer = await me(token, gateway);
        if (answer.status === 401) {
          assertUnauthorized(answer);
          return;
        }
        assert.ok(
          sentAfterMs < withinMs,
          `gateway ${gateway} after ${sentAfterMs} ms: ${answer.text}`,
        );
        await delay(20);
      }
    }),
  );
}

async function logOut({ refreshToken }: TokenBody, gateway: 0 | 1 = 0): Promise<number> {
  const answer = await call('POST /auth/v1/logout', { body: { refreshToken }, gateway });
  return answer.status;
}

test('logout at one gateway ends the session at both within a second', async () => {
  const person = await signUp();
  const ended = await logIn(person);
  const kept = await logIn(person, { gateway: 1 });
  await assertAdmitted(ended);
  await assertAdmitted(kept);
  assert.equal(await logOut(ended), 204);
  await assertRefusedEverywhere(ended.accessToken);
  await assertAdmitted(kept);
});

test('ending another session ends it at both gateways within a second', async () => {
  const person = await signUp();
  const ended = await logIn(person);
  await assertAdmitted(ended);
  const keeper = await logIn(person, { gateway: 1 });
  const list = await call<{ sessions: { sessionId: string; current: boolean }[] }>(
    'GET /auth/v1/sessions',
    { token: keeper.accessToken, gateway: 1 },
  );
  const session = list.body.sessions.find(({ current }) => !current);
  const answer = await call(`DELETE /auth/v1/sessions/${session?.sessionId}`, {
    token: keeper.accessToken,
    gateway: 1,
  });
  assert.equal(answer.status, 204, answer.text);
  await assertRefusedEverywhere(ended.accessToken);
  await assertAdmitted(keeper);
});

test('a new set of roles refuses older tokens at both gateways, and a refresh brings them', async () => {
  const person = await signUp();
  const old = await logIn(person);
  await assertAdmitted(old);
  const admin = await logInAs('admin');
  const answer = await call(`PUT /auth/v1/users/${person.userId}/roles`, {
    token: admin.accessToken,
    body: { roles: ['member', 'moderator'] },
  });
  assert.equal(answer.status, 200, answer.text);
  await assertRefusedEverywhere(old.accessToken);
  const renewed = await refresh(old.refreshToken);
  assert.equal(renewed.status, 200, renewed.text);
  await assertAdmitted(renewed.body);
});

test('roles are for an admin to give', async () => {
  const person = await signUp();
  const { accessToken } = await logIn(person);
  const answer = await call(`PUT /auth/v1/users/${person.userId}/roles`, {
    token: accessToken,
    body: { roles: ['admin'] },
  });
  assertProblem(answer, 403);
});

test('a new password ends every other session at both gateways', async () => {
  const person = await signUp();
  const other = await logIn(person);
  const own = await logIn(person);
  await assertAdmitted(other);
  const { password } = stranger();
  const answer = await call('POST /auth/v1/change-password', {
    token: own.accessToken,
    body: { currentPassword: person.password, newPassword: password },
  });
  assert.equal(answer.status, 204, answer.text);
  await assertRefusedEverywhere(other.accessToken);
  assertProblem(await refresh(other.refreshToken), 401);
  assertProblem(
    await call('POST /auth/v1/login', {
      body: { email: person.email, password: person.password },
    }),
    401,
  );
  await assertAdmitted(await logIn({ email: person.email, password }));
});

test('twenty callers with one refresh token get one successor', async () => {
  const first = await logIn(await signUp());
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      refresh(first.refreshToken, { gateway: index % 2 === 0 ? 0 : 1 }),
    ),
  );
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
  const successors = new Set(answers.map(({ body }) => body.refreshToken));
  assert.equal(successors.size, 1);
  const [successor = ''] = successors;
  assert.notEqual(successor, first.refreshToken);
  assert.equal((await refresh(successor)).status, 200);
});

test('a refresh token that is used again after the grace kills its family', async () => {
  const first = await logIn(await signUp());
  const second = await refresh(first.refreshToken);
  assert.equal(second.status, 200, second.text);
  await delay(GRACE_MS + 500);
  await assertAdmitted(second.body);
  assertProblem(await refresh(first.refreshToken), 401);
  assertProblem(await refresh(second.body.refreshToken), 401);
  await assertRefusedEverywhere(second.body.accessToken);
});

test('a crash of auth in the middle of logouts loses none that was answered', async () => {
  const sessions = await Promise.all([1, 2, 3, 4].map(async () => logIn(await signUp())));
  for (const session of sessions) await assertAdmitted(session);

  const logouts = sessions.map((session, index) => logOut(session, index % 2 === 0 ? 0 : 1));
  await Promise.race(logouts);
  await crash(target().dataDir, 'auth');
  const statuses = await Promise.all(logouts);
  const ended = sessions.filter((_, index) => statuses[index] === 204);
  assert.ok(ended.length > 0, `logouts answered ${statuses}`);

  // A gateway may have lost its stream before the revocation; the snapshot of the next one has it.
  await Promise.all(
    ended.map(({ accessToken }) => assertRefusedEverywhere(accessToken, RECOVERED_WITHIN_MS)),
  );
  // What was not answered can be asked again.
  for (const session of sessions) {
    await until('auth answers again', async () => (await logOut(session)) === 204, {
      timeoutMs: RECOVERED_WITHIN_MS,
    });
    await assertRefusedEverywhere(session.accessToken, RECOVERED_WITHIN_MS);
  }
  await until('a log-in works again', async () => logIn(await signUp()), {
    timeoutMs: RECOVERED_WITHIN_MS,
  });
});

test('a gateway started after a logout knows of it', async () => {
  const ended = await logIn(await signUp());
  const kept = await logIn(await signUp());
  await assertAdmitted(ended);
  assert.equal(await logOut(ended), 204);
  await crash(target().dataDir, 'gateway-2');
  // From its first answer on, also before it is ready, it must not admit the ended session.
  await until(
    'gateway 2 admits the live session',
    async () => {
      const refused = await me(ended.accessToken, 1);
      assert.ok([401, 503].includes(refused.status), refused.text);
      return (await me(kept.accessToken, 1)).status === 200;
    },
    { timeoutMs: 30_000 },
  );
  assertUnauthorized(await me(ended.accessToken, 1));
});
