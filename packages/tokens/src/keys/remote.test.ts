import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ecKey, rsaKey } from '../test-support/forge.ts';
import { answer, down, ecJwk, held, rsaJwk, settle, setUp } from '../test-support/key-server.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test('start makes the first attempt; before it there are no keys', async (t) => {
  const { keySet, events } = setUp(t);
  assert.equal(keySet.ready, false);
  assert.equal(keySet.ageMs(), Number.POSITIVE_INFINITY);
  await keySet.start();
  assert.ok(keySet.ready);
  assert.ok(keySet.find(rsaKey.kid)?.key.equals(rsaKey.publicKey));
  assert.equal(keySet.ageMs(), 0);
  assert.deepEqual(events, [{ type: 'refreshed', keys: 1, refused: [] }]);
});

test('start with nobody there throws nothing, and tries again with growing pauses', async (t) => {
  const { keySet, server, events, pass } = setUp(t);
  server.answer = down;
  await keySet.start();
  assert.equal(keySet.ready, false);
  assert.equal(events[0]?.type, 'failed');
  await pass(124);
  assert.equal(server.attempts, 1);
  await pass(126);
  assert.equal(server.attempts, 2);
  await pass(249);
  assert.equal(server.attempts, 2);
  await pass(251);
  assert.equal(server.attempts, 3);
  server.answer = () => answer([rsaJwk]);
  await pass(1_000);
  assert.ok(keySet.ready);
});

test('the pause between attempts is never above thirty seconds', async (t) => {
  const { keySet, server, pass } = setUp(t);
  server.answer = down;
  await keySet.start();
  for (let round = 0; round < 20; round++) await pass(30_000);
  assert.equal(server.attempts, 21);
});

test('it is refreshed ahead of time, without anybody asking', async (t) => {
  const { keySet, server, pass } = setUp(t);
  await keySet.start();
  await pass(4.5 * MINUTE - 1);
  assert.equal(server.attempts, 1);
  server.answer = () => answer([rsaJwk, ecJwk]);
  await pass(MINUTE / 2 + 1);
  assert.equal(server.attempts, 2);
  assert.ok(keySet.find(ecKey.kid));
});

test('the last good set is used for a day while nobody answers, and not longer', async (t) => {
  const { keySet, server, clock } = setUp(t);
  await keySet.start();
  server.answer = down;
  clock.advanceMs(24 * HOUR);
  await keySet.reload();
  assert.ok(keySet.ready);
  assert.ok(keySet.lastRefreshFailed);
  assert.ok(keySet.find(rsaKey.kid));
  clock.advanceMs(1);
  assert.equal(keySet.ready, false);
  assert.equal(keySet.find(rsaKey.kid), undefined);
  server.answer = () => answer([rsaJwk]);
  await keySet.reload();
  assert.ok(keySet.ready);
  assert.equal(keySet.lastRefreshFailed, false);
});

test('a key that is no longer published is gone, and an empty set leaves none', async (t) => {
  const { keySet, server } = setUp(t);
  server.answer = () => answer([rsaJwk, ecJwk]);
  await keySet.start();
  server.answer = () => answer([ecJwk]);
  await keySet.reload();
  assert.equal(keySet.find(rsaKey.kid), undefined);
  assert.ok(keySet.find(ecKey.kid));
  server.answer = () => answer([]);
  await keySet.reload();
  assert.equal(keySet.ready, false);
});

test('a key that stays published stays the same object over refreshes', async (t) => {
  const { keySet } = setUp(t);
  await keySet.start();
  const before = keySet.find(rsaKey.kid);
  await keySet.reload();
  assert.equal(keySet.find(rsaKey.kid), before);
});

test('refresh asks at most once per cool-down, counted from attempts, good or not', async (t) => {
  const { keySet, server, clock } = setUp(t);
  server.answer = down;
  await keySet.refresh();
  assert.equal(server.attempts, 1);
  for (let round = 0; round < 100; round++) await keySet.refresh();
  assert.equal(server.attempts, 1);
  clock.advanceMs(4_999);
  await keySet.refresh();
  assert.equal(server.attempts, 1);
  clock.advanceMs(1);
  await keySet.refresh();
  assert.equal(server.attempts, 2);
});

test('a clock that is set back does not stretch the cool-down', async (t) => {
  const { keySet, server, clock } = setUp(t);
  await keySet.refresh();
  clock.advanceMs(-HOUR);
  await keySet.refresh();
  assert.equal(server.attempts, 2);
});

test('a hundred who ask at once share one attempt', async (t) => {
  const { keySet, server } = setUp(t);
  const slow = held();
  server.answer = slow.answer;
  let served = 0;
  const all = Array.from({ length: 100 }, async () => {
    await keySet.refresh();
    served++;
  });
  await settle();
  assert.equal(served, 0);
  slow.give(answer([rsaJwk]));
  await Promise.all(all);
  assert.equal(server.attempts, 1);
  assert.ok(keySet.ready);
});

test('refresh keeps a request waiting one second at most; the attempt goes on', async (t) => {
  const { keySet, server, pass } = setUp(t);
  const slow = held();
  server.answer = slow.answer;
  let waited = false;
  const waiting = keySet.refresh().then(() => {
    waited = true;
  });
  await pass(999);
  assert.equal(waited, false);
  await pass(1);
  await waiting;
  assert.equal(keySet.ready, false);
  assert.ok(keySet.refreshing);
  slow.give(answer([rsaJwk]));
  await settle();
  assert.ok(keySet.ready);
  assert.equal(keySet.refreshing, false);
});

test('a server that hangs fails the attempt in time, even if the signal is not heeded', async (t) => {
  const { keySet, server, events, pass } = setUp(t);
  server.answer = () => new Promise(() => {});
  const started = keySet.start();
  await pass(5_000);
  await started;
  assert.equal(events.length, 1);
  assert.match(String(events[0]?.type === 'failed' && events[0].error.message), /too long/);
});

test('an answer that comes after its time changes nothing', async (t) => {
  const { keySet, server, pass } = setUp(t);
  const slow = held();
  server.answer = slow.answer;
  const started = keySet.start();
  await pass(5_000);
  await started;
  slow.give(answer([rsaJwk]));
  await settle();
  assert.equal(keySet.ready, false);
});

test('reload heeds no cool-down', async (t) => {
  const { keySet, server } = setUp(t);
  await keySet.start();
  await keySet.reload();
  await keySet.reload();
  assert.equal(server.attempts, 3);
});

test('a reload asked for during an attempt is not lost, and many share one', async (t) => {
  const { keySet, server } = setUp(t);
  const first = held();
  const second = held();
  server.answer = () => (server.attempts === 1 ? first : second).answer();
  const started = keySet.start();
  const reloads = Array.from({ length: 10 }, () => keySet.reload());
  assert.equal(server.attempts, 1);
  // What was in flight was answered before the key was published.
  first.give(answer([rsaJwk]));
  await started;
  await settle();
  assert.equal(server.attempts, 2);
  second.give(answer([rsaJwk, ecJwk]));
  await Promise.all(reloads);
  assert.ok(keySet.find(ecKey.kid));
  assert.equal(server.attempts, 2);
});

test('a reload asked for during a queued one, once that is in flight, queues another', async (t) => {
  const { keySet, server } = setUp(t);
  const answers = [held(), held(), held()];
  server.answer = () => answers[server.attempts - 1]?.answer() ?? answer([]);
  void keySet.start();
  void keySet.reload();
  answers[0]?.give(answer([]));
  await settle();
  assert.equal(server.attempts, 2);
  const last = keySet.reload();
  answers[1]?.give(answer([]));
  await settle();
  assert.equal(server.attempts, 3);
  answers[2]?.give(answer([rsaJwk]));
  await last;
  assert.ok(keySet.ready);
});

test('a queued reload runs also when what was in flight fails', async (t) => {
  const { keySet, server } = setUp(t);
  server.answer = () => (server.attempts === 1 ? down() : answer([rsaJwk]));
  void keySet.start();
  await keySet.reload();
  assert.ok(keySet.ready);
});

test('a listener that throws stops nothing', async (t) => {
  const { keySet, server } = setUp(t, {
    onEvent: () => {
      throw new Error('listener');
    },
  });
  server.answer = down;
  await keySet.start();
  server.answer = () => answer([rsaJwk]);
  await keySet.reload();
  assert.equal(keySet.lastRefreshFailed, false);
});

test('once closed it asks no more, and what is known stays', async (t) => {
  const { keySet, server, events, pass } = setUp(t);
  await keySet.start();
  keySet.close();
  await pass(HOUR);
  await keySet.refresh();
  await keySet.reload();
  await keySet.start();
  assert.equal(server.attempts, 1);
  assert.ok(keySet.find(rsaKey.kid));
  assert.equal(events.length, 1);
});

test('closing ends an attempt in flight', async (t) => {
  const { keySet, server, events } = setUp(t);
  server.answer = () => new Promise(() => {});
  const started = keySet.start();
  keySet.close();
  await started;
  assert.deepEqual(events, []);
});
