import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { sql } from '@gatehouse/postgres';
import { startTestPostgres } from '@gatehouse/testing';
import * as changes from '../changes/store.ts';
import { eventually, HERE, logInAs, openRig, person } from '../test-support/rig.ts';
import { hashRefreshToken } from './refresh-secrets.ts';
import * as refreshTokens from './refresh-token-store.ts';
import * as sessions from './store.ts';

const postgres = await startTestPostgres();
const rig = await openRig({ url: await postgres.createDatabase() });
after(async () => {
  await rig.close();
  await postgres.close();
});

const REFUSED = { code: 'auth.refresh_invalid', kind: 'UNAUTHENTICATED' };

async function newSession() {
  const { id, email } = await person(rig);
  const pair = await logInAs(rig, email);
  return { id, email, token: pair.refreshToken };
}

test('a refresh gives a new pair of the same session, and what was granted', async () => {
  const { id, email } = await person(rig);
  const first = await logInAs(rig, email);
  rig.clock.advance(60);
  const second = await rig.refresh(first.refreshToken, HERE);
  assert.notEqual(second.refreshToken, first.refreshToken);
  assert.equal(second.scope, first.scope);
  assert.equal(second.refreshExpiresInSeconds, 7 * 24 * 3600);
  const before = await rig.verify(first.accessToken);
  const now = await rig.verify(second.accessToken);
  assert.equal(now?.sub, id);
  assert.equal(now?.sid, before?.sid);
});

test('of twenty callers at once with one token, all get the same one successor', async () => {
  const { token } = await newSession();
  const pairs = await Promise.all(Array.from({ length: 20 }, () => rig.refresh(token, HERE)));
  const successors = new Set(pairs.map((pair) => pair.refreshToken));
  assert.equal(successors.size, 1);
  const [successor = ''] = successors;
  await rig.refresh(successor, HERE);
});

test('a repeat within the grace gets the same successor, and the grace is not extended', async () => {
  const { token } = await newSession();
  const first = await rig.refresh(token, HERE);
  rig.clock.advance(6);
  assert.equal((await rig.refresh(token, HERE)).refreshToken, first.refreshToken);
  rig.clock.advance(6);
  await assert.rejects(rig.refresh(token, HERE), REFUSED);
});

test('after the grace a repeat ends the family, tells everyone, and is written down', async () => {
  const { id, email, token } = await newSession();
  const { refreshToken, accessToken } = await rig.refresh(token, HERE);
  const sessionId = (await rig.verify(accessToken))?.sid ?? '';
  const position = await changes.committed(rig.db).position();
  rig.clock.advance(11);
  await assert.rejects(rig.refresh(token, HERE), REFUSED);
  await assert.rejects(rig.refresh(refreshToken, HERE), REFUSED);
  const [change] = await changes.committed(rig.db).after(position, 10);
  assert.deepEqual([change?.kind, change?.about], ['session_revoked', sessionId]);
  const audit = await rig.database.read
    .selectFrom('audit')
    .selectAll()
    .where('target', '=', sessionId)
    .where('action', '=', 'refresh.reused')
    .executeTakeFirst();
  assert.equal(audit?.actor, id);
  await logInAs(rig, email);
});

test('once the successor was used, the old token ends the family also within the grace', async () => {
  const { token } = await newSession();
  const second = await rig.refresh(token, HERE);
  const third = await rig.refresh(second.refreshToken, HERE);
  await assert.rejects(rig.refresh(token, HERE), REFUSED);
  await assert.rejects(rig.refresh(third.refreshToken, HERE), REFUSED);
});

test('a swap that was never committed leaves the token good', async () => {
  const { token } = await newSession();
  const crash = new Error('the process ended here');
  const lost = Buffer.from('never committed');
  const now = new Date(rig.clock.nowMs());
  const half = rig.database.transaction(async (tx) => {
    const session = await refreshTokens.rotate(tx, {
      hash: hashRefreshToken(token),
      successor: { hash: lost, sealed: lost },
      now,
      expiresAt: new Date(now.getTime() + 60_000),
    });
    assert.match(session?.sessionId ?? '', /^ses_/);
    throw crash;
  });
  await assert.rejects(half, crash);
  assert.equal(await refreshTokens.find(rig.db, lost, now), undefined);
  await rig.refresh(token, HERE);
});

test('a refresh that meets the end of its session waits for it, and is rejected', async () => {
  const { id, token } = await newSession();
  const now = new Date(rig.clock.nowMs());
  const [session] = await sessions.listLive(rig.db, id, { now });
  const [revoked, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const ending = rig.database.transaction(async (tx) => {
    const key = { sessionId: session?.id ?? '' };
    assert.ok(await sessions.revoke(tx, key, { reason: 'suspended', now }));
    revoked.resolve();
    await held.promise;
  });
  await revoked.promise;
  const refreshed = assert.rejects(rig.refresh(token, HERE), REFUSED);
  await eventually(async () => {
    const waiting = sql`SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'`;
    assert.equal((await waiting.execute(rig.db)).rows.length, 1);
  });
  held.resolve();
  await ending;
  await refreshed;
  assert.deepEqual(await sessions.listLive(rig.db, id, { now }), []);
});

test('the sealed successor is erased on its first use, and after the grace', async () => {
  const sealed = async () =>
    (
      await rig.database.read
        .selectFrom('refresh_token')
        .select('token_hash')
        .where('successor_sealed', 'is not', null)
        .execute()
    ).length;
  await refreshTokens.eraseSealed(rig.db, new Date(rig.clock.nowMs() + 1));
  const { token } = await newSession();
  const second = await rig.refresh(token, HERE);
  assert.equal(await sealed(), 1);
  await rig.refresh(second.refreshToken, HERE);
  // The one of the second token alone.
  assert.equal(await sealed(), 1);
  rig.clock.advance(11);
  await refreshTokens.eraseSealed(rig.db, new Date(rig.clock.nowMs() - 10_000));
  assert.equal(await sealed(), 0);
});

test('a session ends after thirty days, however often it is refreshed', async () => {
  const { email } = await newSession();
  let pair = await logInAs(rig, email);
  for (let day = 0; day < 30; day += 6) {
    pair = await rig.refresh(pair.refreshToken, HERE);
    rig.clock.advance(6 * 24 * 3600 - 1);
  }
  const last = await rig.refresh(pair.refreshToken, HERE);
  assert.ok(last.refreshExpiresInSeconds <= 5);
  rig.clock.advance(6);
  await assert.rejects(rig.refresh(last.refreshToken, HERE), REFUSED);
});

test('unknown, expired and logged-out tokens are answered alike', async () => {
  const { token } = await newSession();
  await rig.sessions.logOut(token, HERE);
  await assert.rejects(rig.refresh(token, HERE), REFUSED);
  await assert.rejects(rig.refresh('no such token', HERE), REFUSED);
  const other = await newSession();
  rig.clock.advance(7 * 24 * 3600 + 1);
  await assert.rejects(rig.refresh(other.token, HERE), REFUSED);
});

test('a suspended account cannot refresh, not even within the grace', async () => {
  const { id, token } = await newSession();
  const second = await rig.refresh(token, HERE);
  await rig.database.read
    .updateTable('account')
    .set({ status: 'SUSPENDED' })
    .where('account_id', '=', id)
    .execute();
  await assert.rejects(rig.refresh(token, HERE), REFUSED);
  await assert.rejects(rig.refresh(second.refreshToken, HERE), REFUSED);
});
