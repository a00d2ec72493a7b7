/** What a feed does when connections end, lie, or fall silent. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  claims,
  createConnection,
  HEARTBEAT,
  listen,
  session,
  snapshot,
} from '../test-support/feed.ts';
import { createAccessFeed } from './feed.ts';

test('a connection killed in the middle of a change loses nothing', async (t) => {
  const { feed, latest, time, connections } = await listen(t);
  const ended: string[] = [];
  feed.onSessionRevoked((sessionId) => ended.push(sessionId));
  await latest().say(1, snapshot('ses_1'));
  await latest().fail();
  assert.ok(feed.isRevoked(claims('ses_1')), 'what was known stays known while away');
  // ses_2 ends now, at position 2, and nobody is told.
  await time.pass(200);
  assert.equal(connections.length, 2);
  await latest().say(3, snapshot('ses_1', 'ses_2', 'ses_3'));
  assert.ok(feed.isRevoked(claims('ses_2')) && feed.isRevoked(claims('ses_3')));
  assert.deepEqual(ended, ['ses_1', 'ses_2', 'ses_3'], 'each is told once');
  await latest().say(4, session('ses_4'));
  assert.equal(ended.at(-1), 'ses_4');
});

test('a gap in the positions makes it connect again, and what came after it is not believed', async (t) => {
  for (const event of [session('ses_9'), HEARTBEAT]) {
    const { feed, latest, time, connections, events } = await listen(t);
    await latest().say(1, snapshot());
    const first = latest();
    await first.say(3, event);
    assert.ok(first.signal.aborted);
    assert.match(
      JSON.stringify(events.at(-1), (_, value) => String(value?.cause ?? value)),
      /gap/,
    );
    await time.pass(200);
    assert.equal(connections.length, 2);
    await latest().say(3, snapshot('ses_2', 'ses_3'));
    assert.ok(feed.isRevoked(claims('ses_2')));
  }
});

test('a repeat of what a snapshot holds changes nothing and is no gap', async (t) => {
  const { feed, latest, connections } = await listen(t);
  const ended: string[] = [];
  feed.onSessionRevoked((sessionId) => ended.push(sessionId));
  await latest().say(5, snapshot('ses_1'));
  await latest().say(5, session('ses_1'));
  await latest().say(6, session('ses_2'));
  assert.deepEqual(ended, ['ses_1', 'ses_2']);
  assert.equal(connections.length, 1);
});

test('a feed that does not open with a snapshot is left', async (t) => {
  const { feed, latest } = await listen(t);
  const first = latest();
  await first.say(1, session('ses_1'));
  assert.ok(first.signal.aborted);
  assert.ok(!feed.ready && !feed.isRevoked(claims('ses_1')));
});

test('the feed is stale after thirty seconds without a message, and fresh again with one', async (t) => {
  const { feed, latest, time } = await listen(t);
  await latest().say(1, snapshot());
  await time.pass(10_000);
  await latest().say(1, HEARTBEAT);
  await latest().end();
  await time.pass(30_000);
  assert.deepEqual([feed.ageMs(), feed.stale], [30_000, false]);
  await time.pass(1);
  assert.deepEqual([feed.stale, feed.ready], [true, true]);
  await latest().say(1, snapshot());
  assert.equal(feed.stale, false);
});

test('a connection that says nothing for fifteen seconds is given up', async (t) => {
  const { latest, time, connections } = await listen(t);
  await latest().say(1, snapshot());
  const first = latest();
  await time.pass(14_999);
  assert.ok(!first.signal.aborted);
  await time.pass(1);
  assert.ok(first.signal.aborted);
  await time.pass(200);
  assert.equal(connections.length, 2);
});

test('attempts that fail come ever more seldom, five seconds apart at most', async (t) => {
  const { time, events, feed } = await listen(t, {
    open: () => {
      throw new Error('no way there');
    },
  });
  for (let index = 0; index < 9; index += 1) await time.pass(5_000);
  const pauses = events.flatMap((event) => (event.kind === 'disconnected' ? event.retryInMs : []));
  const longest = [200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000, 5_000, 5_000];
  assert.equal(pauses.length, longest.length);
  for (const [index, pause] of pauses.entries()) {
    const limit = longest[index] ?? 0;
    assert.ok(pause >= limit / 2 && pause <= limit, `attempt ${index + 1}: ${pause}`);
  }
  assert.ok(!feed.ready);
});

test('a connection that worked resets the back-off', async (t) => {
  const { latest, time, events } = await listen(t);
  for (let index = 0; index < 6; index += 1) {
    await latest().fail();
    await time.pass(5_000);
  }
  await latest().say(1, snapshot());
  await latest().fail();
  const last = events.at(-1);
  assert.ok(last?.kind === 'disconnected' && last.retryInMs <= 200);
});

test('closing ends at once: while connected, while waiting, before the start, and twice', async (t) => {
  const connected = await listen(t);
  await connected.latest().say(1, snapshot('ses_1'));
  await Promise.all([connected.feed.close(), connected.feed.close()]);
  assert.ok(connected.latest().signal.aborted);
  assert.ok(connected.feed.isRevoked(claims('ses_1')));

  const waiting = await listen(t);
  await waiting.latest().fail();
  await waiting.feed.close();
  await waiting.time.pass(60_000);
  assert.equal(waiting.connections.length, 1);

  const idle = createAccessFeed({ open: (signal) => createConnection(signal).messages });
  await idle.close();
});

test("by the system's own time it comes back by itself, and closing cuts the pause short", async () => {
  const connections: ReturnType<typeof createConnection>[] = [];
  const back = Promise.withResolvers<void>();
  const away = Promise.withResolvers<void>();
  const feed = createAccessFeed({
    open: (signal) => {
      if (connections.length === 0) {
        connections.push(createConnection(signal));
        throw new Error('not yet');
      }
      const connection = createConnection(signal);
      connections.push(connection);
      void connection.say(1, snapshot());
      return connection.messages;
    },
    onEvent: ({ kind }) => {
      if (kind === 'snapshot') back.resolve();
      else if (feed.ready) away.resolve();
    },
  });
  feed.start();
  await back.promise;
  assert.equal(feed.stale, false);
  await connections.at(-1)?.fail();
  await away.promise;
  await feed.close();
});
