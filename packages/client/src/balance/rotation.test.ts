import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestClock } from '@gatehouse/testing';
import { createRotation, type Outcome, type Rotation } from './rotation.ts';

const TEN_SECONDS_MS = 10_000;

function setUp(...names: readonly string[]) {
  const clock = createTestClock();
  const up = new Set(names);
  const rotation = createRotation({ copies: names, isUp: (copy) => up.has(copy), clock });
  return { clock, up, rotation };
}

/** How many of so many calls, one after the other, each copy got. */
function spread(
  rotation: Rotation<string>,
  calls: number,
  outcomeOf: (copy: string) => Outcome = () => 'good',
) {
  const counts: Record<string, number> = {};
  for (let i = 0; i < calls; i += 1) {
    const turn = rotation.next();
    assert.ok(turn);
    turn.settle(outcomeOf(turn.copy));
    counts[turn.copy] = (counts[turn.copy] ?? 0) + 1;
  }
  return counts;
}

test('copies take turns', () => {
  const { rotation } = setUp('a', 'b', 'c');
  assert.deepEqual(spread(rotation, 9), { a: 3, b: 3, c: 3 });
});

test('a copy that is away or was tried is passed over; with none left there is no turn', () => {
  const { rotation, up } = setUp('a', 'b');
  up.delete('a');
  assert.deepEqual(spread(rotation, 3), { b: 3 });
  assert.equal(rotation.next(new Set(['b'])), undefined);
  up.clear();
  assert.equal(rotation.next(), undefined);
});

test('a copy that comes up beside others begins with a tenth and ends with all of its share', () => {
  const { rotation, up, clock } = setUp('a', 'b');
  up.delete('b');
  spread(rotation, 1);
  up.add('b');
  assert.deepEqual(spread(rotation, 110), { a: 100, b: 10 });
  clock.advance(TEN_SECONDS_MS / 2);
  const half = spread(rotation, 155);
  assert.ok((half.b ?? 0) >= 54 && (half.b ?? 0) <= 56, JSON.stringify(half));
  clock.advance(TEN_SECONDS_MS / 2);
  assert.deepEqual(spread(rotation, 100), { a: 50, b: 50 });
});

test('a copy that keeps its calls gets fewer', () => {
  const { rotation } = setUp('quick', 'slow');
  const counts: Record<string, number> = { quick: 0, slow: 0 };
  for (let i = 0; i < 60; i += 1) {
    const turn = rotation.next();
    assert.ok(turn);
    counts[turn.copy] = (counts[turn.copy] ?? 0) + 1;
    if (turn.copy === 'quick') turn.settle('good');
  }
  assert.ok((counts.slow ?? 0) <= 12, JSON.stringify(counts));
});

test('five bad calls in a row eject a copy; it comes back slowly, and is ejected longer next time', () => {
  const { rotation, clock } = setUp('well', 'ill');
  const outcomeOf = (copy: string): Outcome => (copy === 'ill' ? 'bad' : 'good');
  assert.deepEqual(spread(rotation, 40, outcomeOf), { well: 35, ill: 5 });
  clock.advance(1_999);
  assert.deepEqual(spread(rotation, 10), { well: 10 });
  clock.advance(1);
  assert.deepEqual(spread(rotation, 110), { well: 100, ill: 10 });
  spread(rotation, 110, outcomeOf);
  clock.advance(3_999);
  assert.deepEqual(spread(rotation, 10), { well: 10 });
});

test('a good call between them starts the count of bad ones anew', () => {
  const { rotation } = setUp('a', 'b');
  let calls = 0;
  const outcomeOf = (): Outcome => {
    calls += 1;
    return calls % 8 < 2 ? 'good' : 'bad';
  };
  assert.deepEqual(spread(rotation, 80, outcomeOf), { a: 40, b: 40 });
});

test('where all are ejected, all are used', () => {
  const { rotation } = setUp('a', 'b');
  spread(rotation, 10, () => 'bad');
  assert.deepEqual(spread(rotation, 10), { a: 5, b: 5 });
});

test('a caller that goes away blames nobody', () => {
  const { rotation } = setUp('a', 'b');
  assert.deepEqual(
    spread(rotation, 40, () => 'open'),
    { a: 20, b: 20 },
  );
});
