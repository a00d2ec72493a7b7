/** Auth is killed and stays away: who is signed in notices nothing, and log-in says 503. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { call } from '../e2e/support/edge.ts';
import { logIn, signUp } from '../e2e/support/people.ts';
import { assertProblem } from '../e2e/support/problem.ts';
import { until } from '../e2e/support/until.ts';
import { allReady, keepDead, pidsOf } from './support/accidents.ts';
import { AUTH_AWAY_MS } from './support/config.ts';
import { REQUESTS_PER_SECOND, traffic, unlike, visitor } from './support/traffic.ts';

const OTHERS = ['gateway', 'user', 'board', 'board-2'];

test('without auth, signed-in requests go on; log-in is 503; all is well when it is back', async (t) => {
  const reader = await visitor();
  const before = pidsOf(OTHERS);
  const load = traffic(reader);
  t.after(() => load.stop());
  await delay(1000);

  const dead = keepDead('auth', AUTH_AWAY_MS);
  await delay(500);
  const { email, password } = reader.person;
  const answer = await call('POST /auth/v1/login', { body: { email, password } });
  assertProblem(answer, 503);
  assert.match(answer.headers.get('retry-after') ?? '', /^[1-9][0-9]*$/);
  await dead;

  await allReady(['auth']);
  const back = await until('log-in works again', () => logIn(reader.person), { timeoutMs: 30_000 });
  // A token of a session that began after, everywhere.
  for (const path of ['/user/v1/users/me', '/board/v1/posts', '/auth/v1/sessions'] as const) {
    const read = await call(`GET ${path}`, { token: back.accessToken });
    assert.equal(read.status, 200, read.text);
  }
  await logIn(await signUp());

  const results = await load.stop();
  t.diagnostic(`${results.length} signed-in requests`);
  assert.ok(results.length > (REQUESTS_PER_SECOND * AUTH_AWAY_MS) / 1000);
  assert.deepEqual(unlike(results, 200, 201), {});
  assert.deepEqual(pidsOf(OTHERS), before);
});
