import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import {
  currentFlow,
  currentPassport,
  inThisFlow,
  withFlow,
  withoutDeadline,
  withPassport,
} from './flow.ts';

test('outside of every call there is nothing', () => {
  assert.deepEqual(currentFlow(), {});
  assert.equal(currentPassport(), undefined);
});

test('a passport goes on over promises, timers and ticks, and ends with the work', async () => {
  const seen = await withPassport('p1', async () => {
    const now = currentPassport();
    await turn();
    const later = currentPassport();
    const byTimer = await new Promise((resolve) => {
      setTimeout(() => resolve(currentPassport()), 1);
    });
    const byTick = await new Promise((resolve) => {
      process.nextTick(() => resolve(currentPassport()));
    });
    return [now, later, byTimer, byTick];
  });
  assert.deepEqual(seen, ['p1', 'p1', 'p1', 'p1']);
  assert.equal(currentPassport(), undefined);
});

test('calls that overlap keep theirs apart', async () => {
  const work = async (passport: string) =>
    await withPassport(passport, async () => {
      for (let i = 0; i < 10; i += 1) await turn();
      return currentPassport();
    });
  const names = Array.from({ length: 50 }, (_, index) => `p${index}`);
  assert.deepEqual(await Promise.all(names.map(work)), names);
});

test('a passport within keeps the deadline around it; a flow of its own keeps nothing', () => {
  withFlow({ passport: 'p1', deadlineMs: 5 }, () => {
    withPassport('p2', () => assert.deepEqual(currentFlow(), { passport: 'p2', deadlineMs: 5 }));
    withFlow({ passport: 'p3' }, () => assert.deepEqual(currentFlow(), { passport: 'p3' }));
    withoutDeadline(() => assert.deepEqual(currentFlow(), { passport: 'p1' }));
    assert.deepEqual(currentFlow(), { passport: 'p1', deadlineMs: 5 });
  });
});

test('a consumer that was bound runs for whom it was bound', () => {
  const queue = new EventEmitter();
  const seen: unknown[] = [];
  withPassport('p1', () =>
    queue.on(
      'message',
      inThisFlow((text: string) => seen.push([text, currentPassport()])),
    ),
  );
  withPassport('p2', () => queue.emit('message', 'hello'));
  queue.emit('message', 'again');
  assert.deepEqual(seen, [
    ['hello', 'p1'],
    ['again', 'p1'],
  ]);
});

test('what is thrown comes out', () => {
  assert.throws(
    () =>
      withPassport('p1', () => {
        throw new Error('no');
      }),
    /no/,
  );
});
