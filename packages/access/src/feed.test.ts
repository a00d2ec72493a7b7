import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type AccessChange,
  AccessChangeSchema,
} from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import { type AccessFeedEvent, type AccessFeedOptions, createAccessFeed } from './feed.ts';

const START_MS = 1_800_000_000_000;
type Event = NonNullable<MessageInitShape<typeof AccessChangeSchema>['event']>;

/** Time that moves when the test says so. */
function createTime() {
  let nowMs = START_MS;
  const waiting = new Set<{ readonly dueMs: number; readonly resolve: () => void }>();
  const pauses: number[] = [];
  return {
    pauses,
    clock: { nowMs: () => nowMs },
    wait: (ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        pauses.push(ms);
        const entry = { dueMs: nowMs + ms, resolve };
        waiting.add(entry);
        signal.addEventListener('abort', () => {
          waiting.delete(entry);
          reject(new Error('ended'));
        });
      }),
    /** Lets what is due happen, and all that follows from it. */
    pass: async (ms: number) => {
      nowMs += ms;
      for (const entry of waiting) {
        if (entry.dueMs > nowMs) continue;
        waiting.delete(entry);
        entry.resolve();
      }
      await settle();
    },
  };
}

async function settle(): Promise<void> {
  for (let index = 0; index < 5; index += 1) await turn();
}

/** One connection, which says what the test says. */
function createConnection(signal: AbortSignal) {
  const queue: (AccessChange | Error | undefined)[] = [];
  let wake = () => {};
  async function* messages(): AsyncGenerator<AccessChange> {
    for (;;) {
      while (queue.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const next = queue.shift();
      if (next instanceof Error) throw next;
      if (next === undefined) return;
      yield next;
    }
  }
  const put = async (item: AccessChange | Error | undefined) => {
    queue.push(item);
    wake();
    await settle();
  };
  return {
    signal,
    messages: messages(),
    say: (position: number, event: Event) =>
      put(create(AccessChangeSchema, { position: BigInt(position), event })),
    fail: () => put(new Error('connection lost')),
    end: () => put(undefined),
  };
}

async function listen(t: TestContext, options: Partial<AccessFeedOptions> = {}) {
  const time = createTime();
  const connections: ReturnType<typeof createConnection>[] = [];
  const events: AccessFeedEvent[] = [];
  const feed = createAccessFeed({
    open: (signal) => {
      const connection = createConnection(signal);
      connections.push(connection);
      return connection.messages;
    },
    clock: time.clock,
    wait: time.wait,
    onEvent: (event) => events.push(event),
    ...options,
  });
  t.after(() => feed.close());
  feed.start();
  await settle();
  const latest = () => {
    const connection = connections.at(-1);
    assert.ok(connection);
    return connection;
  };
  return { time, connections, events, feed, latest };
}

const at = (ms: number) => ({ seconds: BigInt(Math.floor(ms / 1000)), nanos: 0 });
const LATER = at(START_MS + 900_000);
const session = (sessionId: string): Event => ({
  case: 'sessionRevoked',
  value: { sessionId, expiresAt: LATER },
});
const snapshot = (...sessionIds: string[]): Event => ({
  case: 'snapshot',
  value: { sessions: sessionIds.map((sessionId) => ({ sessionId, expiresAt: LATER })) },
});
const HEARTBEAT: Event = { case: 'heartbeat', value: {} };
const claims = (sid: string) => ({ sub: 'usr_1', sid });

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
  const least = (version: bigint): Event => ({
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

test('a snapshot takes the place of all that was known', async (t) => {
  const { feed, latest } = await listen(t);
  await latest().say(1, snapshot('ses_1', 'ses_2'));
  await latest().say(9, snapshot('ses_2'));
  assert.ok(!feed.isRevoked(claims('ses_1')));
  assert.ok(feed.isRevoked(claims('ses_2')));
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

test('news is stale after thirty seconds without a message, and fresh again with one', async (t) => {
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

test('a connection that worked starts the back-off anew', async (t) => {
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

test('news of keys is told, and so is each snapshot, which may hide such news', async (t) => {
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
