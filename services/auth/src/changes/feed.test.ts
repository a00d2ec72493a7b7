import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChangeRecords, CommittedChange } from '../common/base.ts';
import { ChangeFeed } from './feed.ts';

const clock = { nowMs: () => 0 };

function change(position: bigint): CommittedChange {
  const expiresAt = new Date(0);
  return { position, kind: 'session_revoked', about: `ses_${position}`, version: 0, expiresAt };
}

/** What the database would answer, and a way to make it fail. */
function records() {
  const log: CommittedChange[] = [];
  const state: { failure: Error | undefined } = { failure: undefined };
  const answer = async <R>(value: () => R): Promise<R> => {
    if (state.failure !== undefined) throw state.failure;
    return value();
  };
  const last = () => log.at(-1)?.position ?? 0n;
  const changes: ChangeRecords = {
    append: async () => assert.fail('the feed only reads'),
    isTokenRevoked: async () => false,
    position: () => answer(last),
    snapshot: () => answer(() => ({ position: last(), changes: [...log] })),
    listAfter: (position, limit) =>
      answer(() => log.filter((each) => each.position > position).slice(0, limit)),
  };
  return { log, state, changes };
}

async function take<T>(source: AsyncIterator<T, void>, count: number): Promise<T[]> {
  const taken: T[] = [];
  while (taken.length < count) {
    const step = await source.next();
    assert.ok(step.done !== true);
    taken.push(step.value);
  }
  return taken;
}

test('in silence a watcher is told that the feed is alive, at the position it has', async () => {
  const { log, changes } = records();
  log.push(change(1n));
  const feed = new ChangeFeed({ changes, clock, heartbeatIntervalMs: 1, pollIntervalMs: 1 });
  const cancel = new AbortController();
  const events = await take(feed.watch(cancel.signal), 3);
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['snapshot', 'heartbeat', 'heartbeat'],
  );
  assert.partialDeepStrictEqual(events[2], { position: 1n });
  cancel.abort();
});

test('while the database does not answer, nobody is told that the feed is alive', async () => {
  const { changes } = records();
  let release: (() => void) | undefined;
  const hanging: ChangeRecords = {
    ...changes,
    listAfter: async () => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      throw new Error('away');
    },
  };
  const feed = new ChangeFeed({ changes: hanging, clock, heartbeatIntervalMs: 1 });
  const watch = feed.watch(new AbortController().signal);
  await take(watch, 1);
  const next = watch.next();
  // Many heartbeats could have been sent by now.
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setTimeout(resolve, 1));
  release?.();
  await assert.rejects(next, { kind: 'UNAVAILABLE' });
});

test('a watcher that does not read is ended, and the others go on', async () => {
  const { log, changes } = records();
  const feed = new ChangeFeed({ changes, clock, maxBehind: 3 });
  const cancel = new AbortController();
  const [slow, quick] = [feed.watch(cancel.signal), feed.watch(cancel.signal)];
  await Promise.all([take(slow, 1), take(quick, 1)]);
  for (let position = 1n; position <= 5n; position += 1n) {
    log.push(change(position));
    feed.hint();
    assert.partialDeepStrictEqual(await take(quick, 1), [{ change: { position } }]);
  }
  await assert.rejects(take(slow, 1), { code: 'auth.feed_ended', kind: 'UNAVAILABLE' });
  cancel.abort();
});

test('a hint is enough: nobody waits for the poll', async () => {
  const { log, changes } = records();
  const feed = new ChangeFeed({ changes, clock, pollIntervalMs: 3_600_000 });
  const cancel = new AbortController();
  const watch = feed.watch(cancel.signal);
  await take(watch, 1);
  log.push(change(1n));
  feed.hint();
  assert.partialDeepStrictEqual(await take(watch, 1), [{ kind: 'change' }]);
  cancel.abort();
});

test('a database that is away ends every watcher, and a later one begins anew', async () => {
  const { log, state, changes } = records();
  const feed = new ChangeFeed({ changes, clock, pollIntervalMs: 1 });
  const cancel = new AbortController();
  const watch = feed.watch(cancel.signal);
  await take(watch, 1);
  state.failure = new Error('away');
  await assert.rejects(take(watch, 1), { kind: 'UNAVAILABLE' });
  await assert.rejects(take(feed.watch(cancel.signal), 1), { kind: 'UNAVAILABLE' });
  state.failure = undefined;
  log.push(change(1n));
  assert.partialDeepStrictEqual(await take(feed.watch(cancel.signal), 1), [{ position: 1n }]);
  cancel.abort();
});

test('a gap in the positions ends the watchers: they need a new snapshot', async () => {
  const { log, changes } = records();
  const feed = new ChangeFeed({ changes, clock, pollIntervalMs: 1 });
  const watch = feed.watch(new AbortController().signal);
  await take(watch, 1);
  log.push(change(2n));
  await assert.rejects(take(watch, 1), { code: 'auth.feed_ended' });
});

test('a cancelled watcher ends in peace, and a closed feed takes nobody', async () => {
  const { changes } = records();
  const feed = new ChangeFeed({ changes, clock });
  const cancel = new AbortController();
  const watch = feed.watch(cancel.signal);
  await take(watch, 1);
  const end = watch.next();
  cancel.abort();
  assert.equal((await end).done, true);
  feed.close();
  await assert.rejects(take(feed.watch(new AbortController().signal), 1), { kind: 'UNAVAILABLE' });
});
