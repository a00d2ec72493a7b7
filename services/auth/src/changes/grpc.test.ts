import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createAccessFeed } from '@gatehouse/access';
import type { AccessChange } from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import { startOwnTestPostgres } from '@gatehouse/testing';
import { type AuthClient, passports, registerKey, startFleet } from '../test-support/fleet.ts';
import { eventually, PASSWORD } from '../test-support/rig.ts';

const postgres = await startOwnTestPostgres();
const fleet = await startFleet(postgres);
after(() => fleet.close());
const one = await fleet.startAuth();
const two = await fleet.startAuth();
const { key } = await registerKey(one.client);
const pass = passports(key);
let people = 0;

async function newSession() {
  people += 1;
  const email = `watched${people}@example.com`;
  const signUp = { email, password: PASSWORD, nickname: 'Watched' };
  const { userId } = await one.client.createUser(signUp, pass.anonymous('CreateUser'));
  const pair = await one.client.login({ email, password: PASSWORD }, pass.anonymous('Login'));
  const claims = JSON.parse(
    Buffer.from(pair.accessToken.split('.')[1] ?? '', 'base64url').toString(),
  );
  return { userId, sessionId: String(claims.sid), ...pair };
}

/** One after another: what is tested is not how many can log in at once. */
async function newSessions(count: number) {
  const sessions: Awaited<ReturnType<typeof newSession>>[] = [];
  while (sessions.length < count) sessions.push(await newSession());
  return sessions;
}

const logOut = (client: AuthClient, refreshToken: string) =>
  client.logout({ refreshToken }, pass.anonymous('Logout'));

function watch(client: AuthClient) {
  const cancel = new AbortController();
  const stream = client.watchAccessChanges({}, { signal: cancel.signal });
  const iterator = stream[Symbol.asyncIterator]();
  const next = async (): Promise<AccessChange> => {
    const step = await iterator.next();
    assert.ok(step.done !== true, 'the feed ended');
    return step.value;
  };
  return { next, iterator, cancel };
}

function revokedIn({ event }: AccessChange): readonly string[] {
  if (event.case === 'snapshot') return event.value.sessions.map((each) => each.sessionId);
  return event.case === 'sessionRevoked' ? [event.value.sessionId] : [];
}

test('a watcher gets a snapshot, then each change at the next position', async () => {
  const earlier = await newSession();
  await logOut(one.client, earlier.refreshToken);
  const { next, cancel } = watch(one.client);
  const snapshot = await next();
  assert.equal(snapshot.event.case, 'snapshot');
  assert.ok(revokedIn(snapshot).includes(earlier.sessionId));
  const [first, second] = [await newSession(), await newSession()];
  await logOut(one.client, first.refreshToken);
  await logOut(one.client, second.refreshToken);
  const changes = [await next(), await next()];
  assert.deepEqual(changes.flatMap(revokedIn), [first.sessionId, second.sessionId]);
  assert.deepEqual(
    changes.map((change) => change.position - snapshot.position),
    [1n, 2n],
  );
  cancel.abort();
});

test('what another replica commits arrives by the poll', async () => {
  const session = await newSession();
  const { next, cancel } = watch(two.client);
  await next();
  await logOut(one.client, session.refreshToken);
  assert.deepEqual(revokedIn(await next()), [session.sessionId]);
  cancel.abort();
});

test('a change of password tells the version and each other session', async () => {
  const session = await newSession();
  const email = `watched${people}@example.com`;
  await one.client.login({ email, password: PASSWORD }, pass.anonymous('Login'));
  const { next, cancel } = watch(one.client);
  await next();
  await one.client.changePassword(
    { currentPassword: PASSWORD, newPassword: 'another long sentence of mine' },
    pass.person(session.accessToken),
  );
  const [ended, changed] = [await next(), await next()];
  assert.equal(ended.event.case, 'sessionRevoked');
  assert.notDeepEqual(revokedIn(ended), [session.sessionId]);
  assert.ok(changed.event.case === 'credentialChange');
  assert.deepEqual(
    [changed.event.value.subject, changed.event.value.version],
    [session.userId, 2n],
  );
  cancel.abort();
});

test('many changes at once from two replicas come in order, without a gap, to every watcher', async () => {
  const sessions = await newSessions(12);
  const watchers = [watch(one.client), watch(two.client)];
  const starts = await Promise.all(watchers.map(({ next }) => next()));
  await Promise.all(
    sessions.map(({ refreshToken }, index) =>
      logOut(index % 2 === 0 ? one.client : two.client, refreshToken),
    ),
  );
  for (const [index, { next, cancel }] of watchers.entries()) {
    const seen: string[] = [];
    for (let offset = 1n; offset <= 12n; offset += 1n) {
      const change = await next();
      assert.equal(change.position, (starts[index]?.position ?? 0n) + offset);
      seen.push(...revokedIn(change));
    }
    assert.deepEqual(seen.sort(), sessions.map(({ sessionId }) => sessionId).sort());
    cancel.abort();
  }
});

test('a stream that is cut in the middle of log-outs loses none of them', async () => {
  const sessions = await newSessions(8);
  const streams: AbortController[] = [];
  const feed = createAccessFeed({
    open: (signal) => {
      const cut = new AbortController();
      streams.push(cut);
      return two.client.watchAccessChanges({}, { signal: AbortSignal.any([signal, cut.signal]) });
    },
  });
  feed.start();
  await eventually(async () => assert.ok(feed.ready));
  await Promise.all(
    sessions.map(async ({ refreshToken }, index) => {
      await logOut(one.client, refreshToken);
      if (index % 3 === 0) streams.at(-1)?.abort();
    }),
  );
  await eventually(async () => {
    for (const { userId, sessionId } of sessions) {
      assert.ok(feed.isRevoked({ sub: userId, sid: sessionId }));
    }
  });
  assert.ok(streams.length > 1, 'the stream must have been opened again');
  await feed.close();
});

test('a database that goes away ends the feed as unavailable, and comes back by itself', async () => {
  const session = await newSession();
  const { next, iterator } = watch(one.client);
  await next();
  await postgres.kill();
  await assert.rejects(
    async () => {
      while ((await iterator.next()).done !== true);
    },
    { kind: 'UNAVAILABLE' },
  );
  await assert.rejects(logOut(one.client, session.refreshToken), { kind: 'UNAVAILABLE' });
  const response = await fetch(`${one.httpUrl}/.well-known/txn-jwks.json`);
  assert.ok((await response.text()).includes(key.kid), 'the keys must outlive the outage');
  await postgres.start();
  await eventually(async () => void (await logOut(one.client, session.refreshToken)));
  const again = watch(two.client);
  await eventually(async () => assert.ok(revokedIn(await again.next()).length > 0));
  again.cancel.abort();
});

test('a process that stops ends its streams', async () => {
  const three = await fleet.startAuth();
  const { next, iterator } = watch(three.client);
  await next();
  const end = assert.rejects(
    async () => {
      while ((await iterator.next()).done !== true);
    },
    { kind: 'UNAVAILABLE' },
  );
  await three.service.close();
  await end;
});
