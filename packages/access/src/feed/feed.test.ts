import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VerificationKey } from '@gatehouse/tokens';
import {
  at,
  claims,
  type FeedEvent,
  LATER,
  listen,
  START_MS,
  session,
  snapshot,
} from '../test-support/feed.ts';
import { trustedKeys } from '../trusted-keys.ts';

test('nothing is known before the snapshot, and then all that it says', async (t) => {
  const { feed, latest } = await listen(t);
  assert.deepEqual([feed.ready, feed.stale, feed.ageMs()], [false, true, Infinity]);
  await latest().say(7, {
    case: 'snapshot',
    value: {
      sessions: [{ sessionId: 'ses_1', expiresAt: LATER }],
      tokens: [{ tokenId: 'jti_1', expiresAt: LATER }],
      subjects: [{ subject: 'usr_1', version: 4n, expiresAt: LATER }],
    },
  });
  assert.deepEqual([feed.ready, feed.stale, feed.ageMs()], [true, false, 0]);
  assert.ok(feed.isRevoked({ sub: 'usr_2', sid: 'ses_1' }));
  assert.ok(feed.isRevoked({ sub: 'usr_2', jti: 'jti_1' }));
  assert.ok(feed.isRevoked({ sub: 'usr_1', sv: 3 }));
  assert.ok(!feed.isRevoked({ sub: 'usr_2', sid: 'ses_2', jti: 'jti_2', sv: 0 }));
});

test('each kind of change takes effect', async (t) => {
  const { feed, latest } = await listen(t);
  await latest().say(0, snapshot());
  await latest().say(1, session('ses_1'));
  await latest().say(2, { case: 'tokenRevoked', value: { tokenId: 'jti_1', expiresAt: LATER } });
  const version = (subject: string) => ({ subject, version: 2n, expiresAt: LATER });
  await latest().say(3, { case: 'tokenClaimsChange', value: version('usr_1') });
  await latest().say(4, { case: 'credentialChange', value: version('usr_2') });
  assert.ok(feed.isRevoked(claims('ses_1')));
  assert.ok(feed.isRevoked({ sub: 'usr_3', jti: 'jti_1' }));
  assert.ok(feed.isRevoked({ sub: 'usr_1', sv: 1 }) && feed.isRevoked({ sub: 'usr_2', sv: 1 }));
});

test('a lower version is refused, an equal or higher one is good, none is not measured', async (t) => {
  const { feed, latest } = await listen(t);
  const least = (version: bigint): FeedEvent => ({
    case: 'tokenClaimsChange',
    value: { subject: 'usr_1', version, expiresAt: LATER },
  });
  await latest().say(0, snapshot());
  await latest().say(1, least(5n));
  await latest().say(2, least(3n));
  const revoked = [4, 5, 6, Number.NaN].map((sv) => feed.isRevoked({ sub: 'usr_1', sv }));
  assert.deepEqual(revoked, [true, false, false, true]);
  assert.ok(!feed.isRevoked({ sub: 'usr_1' }));
});

test('a snapshot takes the place of all that was known', async (t) => {
  const { feed, latest } = await listen(t);
  await latest().say(1, snapshot('ses_1', 'ses_2'));
  await latest().say(9, snapshot('ses_2'));
  assert.ok(!feed.isRevoked(claims('ses_1')));
  assert.ok(feed.isRevoked(claims('ses_2')));
});

test('a revocation is forgotten two minutes after it has expired', async (t) => {
  const { feed, latest, time } = await listen(t);
  const expiresAt = at(START_MS + 10_000);
  await latest().say(1, {
    case: 'snapshot',
    value: {
      sessions: [{ sessionId: 'ses_1', expiresAt }],
      subjects: [{ subject: 'usr_1', version: 2n, expiresAt }],
    },
  });
  const stillRefused = () => [
    feed.isRevoked({ sub: 'x', sid: 'ses_1' }),
    feed.isRevoked({ sub: 'usr_1', sv: 1 }),
  ];
  await time.pass(130_000);
  assert.deepEqual(stillRefused(), [true, true]);
  await time.pass(1_000);
  assert.deepEqual(stillRefused(), [false, false]);
});

test('a key revocation is reported, and so is each snapshot, which may contain one', async (t) => {
  const { feed, latest } = await listen(t);
  let told = 0;
  feed.onKeysChanged(() => {
    told += 1;
  });
  await latest().say(1, snapshot());
  await latest().say(2, { case: 'keysChanged', value: {} });
  await latest().say(3, session('ses_1'));
  assert.equal(told, 2);
});

test('a revoked key is reported once, and is out of every trusted source', async (t) => {
  const { feed, latest } = await listen(t);
  const revoked: string[] = [];
  let changed = 0;
  feed.onKeyRevoked((kid) => revoked.push(kid));
  feed.onKeysChanged(() => {
    changed += 1;
  });
  const key = { kid: 'one' } as VerificationKey;
  const source = { ready: true, find: () => key, refresh: async () => undefined };
  const trusted = trustedKeys(source, feed);
  await latest().say(1, snapshot());
  assert.equal(trusted.find('one'), key);
  await latest().say(2, { case: 'keyRevoked', value: { kid: 'one' } });
  await latest().say(3, { case: 'keyRevoked', value: { kid: 'one' } });
  assert.equal(trusted.find('one'), undefined);
  assert.equal(trusted.find('two'), key);
  assert.deepEqual(revoked, ['one']);
  assert.equal(changed, 2);
});

test('a listener that throws stops neither the feed nor the other listeners', async (t) => {
  const { feed, latest, events } = await listen(t);
  const ended: string[] = [];
  feed.onSessionRevoked(() => {
    throw new Error('listener');
  });
  feed.onSessionRevoked((sessionId) => ended.push(sessionId));
  await latest().say(1, snapshot('ses_1'));
  await latest().say(2, session('ses_2'));
  assert.deepEqual(ended, ['ses_1', 'ses_2']);
  assert.equal(events.filter(({ kind }) => kind === 'listener_failed').length, 2);
});

test('a change of an unknown kind is told of, and the next one is no gap', async (t) => {
  const { feed, latest, events, connections } = await listen(t);
  await latest().say(1, snapshot());
  await latest().say(2, { case: undefined });
  await latest().say(3, session('ses_3'));
  assert.ok(events.some((event) => event.kind === 'unknown_change' && event.position === 2n));
  assert.ok(feed.isRevoked(claims('ses_3')));
  assert.equal(connections.length, 1);
});
