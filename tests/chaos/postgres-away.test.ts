/** Postgres is killed and comes back: 503 that says so meanwhile, and no service has to be restarted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { call } from '../e2e/support/edge.ts';
import { logIn, signUp } from '../e2e/support/people.ts';
import { until } from '../e2e/support/until.ts';
import { tally } from '../support/load.ts';
import { allReady, keepDead, pidsOf } from './support/accidents.ts';
import { POSTGRES_AWAY_MS } from './support/config.ts';
import { traffic, unlike, visitor } from './support/traffic.ts';

const SERVICES = ['auth', 'user', 'board', 'board-2', 'gateway'];

test('without Postgres, answers are 503 that say so; when it is back, all works unrestarted', async (t) => {
  const reader = await visitor();
  const before = pidsOf(SERVICES);
  const load = traffic(reader);
  t.after(() => load.stop());
  await delay(1000);

  const dead = keepDead('postgres', POSTGRES_AWAY_MS);
  await delay(500);
  const awayMs = performance.now();
  const { email, password } = reader.person;
  const answer = await call('POST /auth/v1/login', { body: { email, password } });
  assert.equal(answer.status, 503, answer.text);
  await dead;

  await until('reading works again', async () => {
    const read = await call(`GET /board/v1/posts/${reader.postId}`, { token: reader.token });
    return read.status === 200;
  });
  await allReady(SERVICES);
  const backMs = performance.now();
  await delay(1000);
  const results = await load.stop();

  t.diagnostic(JSON.stringify(tally(results)));
  assert.deepEqual(unlike(results, 200, 201, 503), {});
  const refused = results.filter(({ status }) => status === 503);
  assert.ok(refused.length > 0);
  for (const { text, code } of refused) {
    assert.equal(code, 'postgres.unavailable');
    assert.match(text, /"detail":"The database is unavailable\. Try again shortly\."/);
  }
  const during = results.filter(({ startedMs }) => startedMs > awayMs && startedMs < awayMs + 1000);
  assert.ok(during.length > 0);
  assert.deepEqual(unlike(during, 503), {});
  assert.deepEqual(
    unlike(
      results.filter(({ startedMs }) => startedMs > backMs),
      200,
      201,
    ),
    {},
  );
  await logIn(await signUp());
  assert.deepEqual(pidsOf(SERVICES), before);
});
