/** Auth's signing key changes under load: nobody notices, unless the waiting is left out. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { KeyPurpose, KeyState } from '@gatehouse/contracts/gen/gatehouse/auth/v1/operator_pb.ts';
import { call } from '../e2e/support/edge.ts';
import { logIn, refresh, signUp } from '../e2e/support/people.ts';
import { until } from '../e2e/support/until.ts';
import { asOperator, keysNow } from './support/operator.ts';
import { outsideVerifier, WAIT_SECONDS } from './support/outside-verifier.ts';
import { refreshingPeople, trafficOf } from './support/people.ts';
import { REQUESTS_PER_SECOND, unlike } from './support/traffic.ts';

const ACCESS = KeyPurpose.ACCESS;

interface Outcome {
  readonly kid: string;
  /** Kid of the last token that was issued. */
  readonly lastKid: string;
  readonly requests: number;
  readonly verified: number;
  /** At the edge, by outcome. */
  readonly atEdge: Readonly<Record<string, number>>;
  readonly refreshes: readonly string[];
  readonly outside: readonly string[];
}

/** Rotates while 300 requests a second come, and people refresh, and another team verifies. */
async function rotateUnderLoad(t: TestContext, waitSeconds: number): Promise<Outcome> {
  const outside = await outsideVerifier();
  let lastToken = '';
  const checks: Promise<void>[] = [];
  const people = await refreshingPeople((token) => {
    lastToken = token;
    checks.push(outside.check(token));
  });
  const load = trafficOf(people);
  t.after(async () => {
    await Promise.all([load.stop(), people.stop()]);
    outside.close();
  });
  await delay(1500);
  await outside.fillCache();
  const { key } = await asOperator((auth) => auth.rotateKeys({ purpose: ACCESS, waitSeconds }));
  await delay(waitSeconds * 1000 + 2500);
  await people.stop();
  const results = await load.stop();
  await Promise.all(checks);
  return {
    kid: key?.kid ?? '',
    lastKid: kidOf(lastToken),
    requests: results.length,
    verified: outside.checked,
    atEdge: unlike(results, 200, 201),
    refreshes: people.failures,
    outside: outside.failures,
  };
}

function kidOf(token: string): string {
  const [header = ''] = token.split('.');
  return JSON.parse(Buffer.from(header, 'base64url').toString() || '{}').kid ?? '';
}

test('a rotation of the key of access tokens, published, waited for and then used, fails no request', async (t) => {
  const before = (await keysNow()).find(
    (key) => key.purpose === ACCESS && key.state === KeyState.SIGNING,
  );
  const outcome = await rotateUnderLoad(t, WAIT_SECONDS);
  t.diagnostic(`${outcome.requests} requests, ${outcome.verified} tokens verified elsewhere`);
  assert.ok(outcome.requests > REQUESTS_PER_SECOND * WAIT_SECONDS);
  assert.equal(outcome.lastKid, outcome.kid, 'the new key signs');
  assert.deepEqual([outcome.atEdge, outcome.refreshes, outcome.outside], [{}, [], []]);
  const old = (await keysNow()).find(({ kid }) => kid === before?.kid);
  assert.equal(old?.state, KeyState.RETIRING);
});

test('with the waiting left out the same rotation fails: whoever keeps a key set has not the new key', async (t) => {
  const outcome = await rotateUnderLoad(t, 0);
  t.diagnostic(`${outcome.outside.length} of ${outcome.verified} tokens refused elsewhere`);
  assert.equal(outcome.lastKid, outcome.kid, 'the new key signs');
  assert.ok(outcome.outside.length > 0, 'the check of the rotation above sees nothing');
  // At the edge the revocation feed is faster than the wait would be.
  assert.deepEqual(outcome.refreshes, []);
});

test('a second after an emergency nothing signed by the old key is accepted; a refresh gives a good token', async (t) => {
  const person = await signUp();
  const session = await logIn(person);
  const narrow = await logIn(person, { scope: 'board:read' });
  const stolen = [session.accessToken, narrow.accessToken];
  const places = ['/board/v1/posts', '/user/v1/users/me', '/auth/v1/sessions'] as const;
  const statuses = async (token: string) =>
    Promise.all(places.map(async (path) => (await call(`GET ${path}`, { token })).status));
  // Cached verdicts, and shared passports of reads.
  assert.deepEqual(await statuses(session.accessToken), [200, 200, 200]);

  await asOperator((auth) => auth.rotateKeys({ purpose: ACCESS, emergency: true }));
  const startedMs = performance.now();
  let lastAcceptedMs = 0;
  await until('the old tokens are refused', async () => {
    const all = (await Promise.all(stolen.map(statuses))).flat();
    if (all.some((status) => status === 200)) lastAcceptedMs = performance.now() - startedMs;
    return all.every((status) => status === 401);
  });
  t.diagnostic(`last accepted ${Math.round(lastAcceptedMs)} ms after`);
  assert.ok(lastAcceptedMs < 1000);
  for (const token of stolen) {
    const answer = await call<{ active?: boolean }>('POST /auth/v1/validate', { body: { token } });
    assert.equal(answer.body.active, false);
  }
  const again = await refresh(session.refreshToken);
  assert.equal(again.status, 200, again.text);
  assert.deepEqual(await statuses(again.body.accessToken), [200, 200, 200]);
});
