import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommittedRows } from './commit-log.ts';
import { Tail, type TailOptions } from './tail.ts';

interface Row {
  readonly position: bigint;
}

const row = (position: bigint): Row => ({ position });

/** What a database would give, and a way to make it fail. */
function source() {
  const log: Row[] = [];
  const state: { failure: Error | undefined; reads: number } = { failure: undefined, reads: 0 };
  const give = async <R>(value: () => R): Promise<R> => {
    state.reads += 1;
    if (state.failure !== undefined) throw state.failure;
    return value();
  };
  const rows: CommittedRows<Row> = {
    position: () => give(() => log.at(-1)?.position ?? 0n),
    after: (position, limit) =>
      give(() => log.filter((each) => each.position > position).slice(0, limit)),
  };
  const push = (...positions: readonly bigint[]) => log.push(...positions.map(row));
  return { log, state, rows, push };
}

function tailOf(options: Partial<TailOptions<Row>> = {}) {
  const from = source();
  const tail = new Tail<Row>({ rows: from.rows, ...options });
  const cancel = new AbortController();
  return { ...from, tail, cancel, follow: (after = 0n) => tail.follow(after, cancel.signal) };
}

async function take<T>(iterator: AsyncIterator<T, void>, count: number): Promise<T[]> {
  const taken: T[] = [];
  while (taken.length < count) {
    const step = await iterator.next();
    assert.ok(step.done !== true);
    taken.push(step.value);
  }
  return taken;
}

const rowEvents = (...positions: readonly bigint[]) =>
  positions.map((position) => ({ kind: 'row', row: row(position) }));
const ENDED = { code: 'postgres.tail_ended', kind: 'UNAVAILABLE' };
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('whoever follows gets the stored rows after its position, then each new one', async () => {
  const { push, follow, tail, cancel } = tailOf();
  push(...Array.from({ length: 1200 }, (_, at) => BigInt(at + 1)));
  const iterator = follow(100n);
  const stored = await take(iterator, 1100);
  assert.deepEqual([stored[0], stored.at(-1)], rowEvents(101n, 1200n));
  const next = take(iterator, 2);
  push(1201n, 1202n);
  tail.hint();
  assert.deepEqual(await next, rowEvents(1201n, 1202n));
  cancel.abort();
});

test('in silence a follower is told that the log is read, at the position it has', async () => {
  const { push, follow, cancel } = tailOf({ heartbeatIntervalMs: 1, pollIntervalMs: 1 });
  push(1n);
  const events = await take(follow(1n), 2);
  assert.deepEqual(events, [
    { kind: 'heartbeat', position: 1n },
    { kind: 'heartbeat', position: 1n },
  ]);
  cancel.abort();
});

test('while the database does not answer, nobody is told that the log is read', async () => {
  const { rows } = source();
  let reads = 0;
  const held = Promise.withResolvers<void>();
  const hanging: CommittedRows<Row> = {
    ...rows,
    after: async (position, limit) => {
      reads += 1;
      // The first is the follower's own.
      if (reads === 1) return rows.after(position, limit);
      await held.promise;
      throw new Error('unavailable');
    },
  };
  const tail = new Tail({ rows: hanging, heartbeatIntervalMs: 1 });
  const next = tail.follow(0n, new AbortController().signal).next();
  // Many heartbeats could have been sent by now.
  for (let times = 0; times < 20; times += 1)
    await new Promise((resolve) => setTimeout(resolve, 1));
  held.resolve();
  await assert.rejects(next, ENDED);
});

test('a follower that does not read is ended, and the others go on', async () => {
  const { push, tail, follow, cancel } = tailOf({ maxBehind: 3 });
  const [slow, quick] = [follow(), follow()];
  const first = Promise.all([take(slow, 1), take(quick, 1)]);
  await turn();
  push(1n);
  tail.hint();
  await first;
  for (let position = 2n; position <= 6n; position += 1n) {
    push(position);
    tail.hint();
    assert.deepEqual(await take(quick, 1), rowEvents(position));
  }
  await assert.rejects(take(slow, 1), ENDED);
  assert.deepEqual(await take(follow(1n), 5), rowEvents(2n, 3n, 4n, 5n, 6n));
  cancel.abort();
});

test('a hint is enough: nobody waits for the poll', async () => {
  const { push, tail, follow, cancel } = tailOf({ pollIntervalMs: 3_600_000 });
  const next = take(follow(), 1);
  await turn();
  push(1n);
  tail.hint();
  assert.deepEqual(await next, rowEvents(1n));
  cancel.abort();
});

test('an unavailable database ends every follower, and a later one goes on from its position', async () => {
  const { push, state, follow, cancel } = tailOf({ pollIntervalMs: 1 });
  push(1n);
  const iterator = follow();
  await take(iterator, 1);
  const next = take(iterator, 1);
  await turn();
  state.failure = new Error('unavailable');
  await assert.rejects(next, ENDED);
  await assert.rejects(take(follow(1n), 1), ENDED);
  state.failure = undefined;
  push(2n);
  assert.deepEqual(await take(follow(1n), 1), rowEvents(2n));
  cancel.abort();
});

test('a missing position ends the followers, and so does one that is not kept any more', async () => {
  const { push, log, follow } = tailOf({ pollIntervalMs: 1 });
  const next = take(follow(), 1);
  await turn();
  push(2n);
  await assert.rejects(next, ENDED);
  await assert.rejects(take(follow(0n), 1), (error: Error) => /not kept/.test(String(error.cause)));
  log.splice(0);
  push(5n);
  await assert.rejects(take(follow(3n), 1), ENDED);
});

test('nothing is read while nobody follows', async () => {
  const { follow, cancel, state } = tailOf({ pollIntervalMs: 1, heartbeatIntervalMs: 1 });
  await take(follow(), 1);
  cancel.abort();
  await turn();
  const { reads } = state;
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(state.reads, reads);
});

test('a cancelled follower ends without an error, and a closed tail takes nobody', async () => {
  const { tail, follow, cancel } = tailOf();
  const end = follow().next();
  await turn();
  cancel.abort();
  assert.equal((await end).done, true);
  tail.close();
  await assert.rejects(take(tail.follow(0n, new AbortController().signal), 1), ENDED);
});
