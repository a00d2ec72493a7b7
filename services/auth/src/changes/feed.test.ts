import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChangeFeed } from './feed.ts';
import type { CommittedChange } from './rules.ts';

const clock = { nowMs: () => 0 };

function change(position: bigint): CommittedChange {
  const expiresAt = new Date(0);
  return { position, kind: 'session_revoked', about: `ses_${position}`, version: 0, expiresAt };
}

/** A feed of what a database would give, and a way to make that fail. */
function feedOf(log: CommittedChange[] = []) {
  const state: { failure: Error | undefined } = { failure: undefined };
  const give = async <R>(value: () => R): Promise<R> => {
    if (state.failure !== undefined) throw state.failure;
    return value();
  };
  const last = () => log.at(-1)?.position ?? 0n;
  const feed = new ChangeFeed({
    changes: {
      position: () => give(last),
      after: (position, limit) =>
        give(() => log.filter((each) => each.position > position).slice(0, limit)),
    },
    snapshot: () => give(() => ({ position: last(), changes: [...log] })),
    clock,
    pollIntervalMs: 1,
    heartbeatIntervalMs: 1,
  });
  return { feed, log, state };
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

test('a watcher gets a snapshot, then what is committed after it, then heartbeats', async () => {
  const { feed, log } = feedOf([change(1n)]);
  const cancel = new AbortController();
  const watch = feed.watch(cancel.signal);
  const snapshot = await take(watch, 1);
  log.push(change(2n));
  assert.deepEqual(
    [...snapshot, ...(await take(watch, 2))],
    [
      { kind: 'snapshot', position: 1n, changes: [change(1n)] },
      { kind: 'change', change: change(2n) },
      { kind: 'heartbeat', position: 2n },
    ],
  );
  cancel.abort();
});

test('an unavailable database ends a watcher as unavailable, and a later one begins again', async () => {
  const { feed, log, state } = feedOf();
  const cancel = new AbortController();
  const watch = feed.watch(cancel.signal);
  await take(watch, 2);
  state.failure = new Error('unavailable');
  const ended = { code: 'auth.feed_ended', kind: 'UNAVAILABLE' };
  await assert.rejects(take(watch, 10_000), ended);
  await assert.rejects(take(feed.watch(cancel.signal), 1), ended);
  state.failure = undefined;
  log.push(change(1n));
  assert.partialDeepStrictEqual(await take(feed.watch(cancel.signal), 1), [{ position: 1n }]);
  cancel.abort();
});

test('a cancelled watcher ends without an error, and a closed feed takes nobody', async () => {
  const { feed } = feedOf();
  const cancel = new AbortController();
  const watch = feed.watch(cancel.signal);
  await take(watch, 2);
  cancel.abort();
  assert.equal((await watch.next()).done, true);
  feed.close();
  await assert.rejects(take(feed.watch(new AbortController().signal), 1), { kind: 'UNAVAILABLE' });
});
