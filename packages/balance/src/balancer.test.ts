import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestClock } from '@gatehouse/testing';
import { Balancer } from './balancer.ts';
import type { Outcome } from './outcome.ts';

const TEN_SECONDS_MS = 10_000;

function setUp(...names: readonly string[]) {
  const clock = createTestClock();
  const up = new Set(names);
  const balancer = new Balancer({ targets: names, isUp: (name) => up.has(name), clock });
  return { clock, up, balancer };
}

/** How many of so many calls, one after the other, each endpoint got. */
function spread(
  balancer: Balancer<string>,
  calls: number,
  outcomeOf: (name: string) => Outcome = () => 'good',
) {
  const counts: Record<string, number> = {};
  for (let i = 0; i < calls; i += 1) {
    const chosen = balancer.next();
    assert.ok(chosen);
    chosen.settle(outcomeOf(chosen.target));
    counts[chosen.target] = (counts[chosen.target] ?? 0) + 1;
  }
  return counts;
}

test('endpoints take turns', () => {
  const { balancer } = setUp('a', 'b', 'c');
  assert.deepEqual(spread(balancer, 9), { a: 3, b: 3, c: 3 });
});

test('an unavailable endpoint, or one that was tried, is skipped; with none left there is none', () => {
  const { balancer, up } = setUp('a', 'b');
  up.delete('a');
  assert.deepEqual(spread(balancer, 3), { b: 3 });
  assert.equal(balancer.next(new Set(['b'])), undefined);
  up.clear();
  assert.equal(balancer.next(), undefined);
});

test('an endpoint that comes up beside others begins with a tenth and ends with all of its share', () => {
  const { balancer, up, clock } = setUp('a', 'b');
  up.delete('b');
  spread(balancer, 1);
  up.add('b');
  assert.deepEqual(spread(balancer, 110), { a: 100, b: 10 });
  clock.advance(TEN_SECONDS_MS / 2);
  const half = spread(balancer, 155);
  assert.ok((half.b ?? 0) >= 54 && (half.b ?? 0) <= 56, JSON.stringify(half));
  clock.advance(TEN_SECONDS_MS / 2);
  assert.deepEqual(spread(balancer, 100), { a: 50, b: 50 });
});

test('an endpoint that keeps its calls gets fewer', () => {
  const { balancer } = setUp('quick', 'slow');
  const counts: Record<string, number> = { quick: 0, slow: 0 };
  for (let i = 0; i < 60; i += 1) {
    const chosen = balancer.next();
    assert.ok(chosen);
    counts[chosen.target] = (counts[chosen.target] ?? 0) + 1;
    if (chosen.target === 'quick') chosen.settle('good');
  }
  assert.ok((counts.slow ?? 0) <= 12, JSON.stringify(counts));
});

test('five bad calls in a row eject an endpoint; it comes back slowly, and is ejected longer next time', () => {
  const { balancer, clock } = setUp('well', 'ill');
  const outcomeOf = (name: string): Outcome => (name === 'ill' ? 'bad' : 'good');
  assert.deepEqual(spread(balancer, 40, outcomeOf), { well: 35, ill: 5 });
  clock.advance(1_999);
  assert.deepEqual(spread(balancer, 10), { well: 10 });
  clock.advance(1);
  assert.deepEqual(spread(balancer, 110), { well: 100, ill: 10 });
  spread(balancer, 110, outcomeOf);
  clock.advance(3_999);
  assert.deepEqual(spread(balancer, 10), { well: 10 });
});

test('a success between them resets the count of failures', () => {
  const { balancer } = setUp('a', 'b');
  let calls = 0;
  const outcomeOf = (): Outcome => {
    calls += 1;
    return calls % 8 < 2 ? 'good' : 'bad';
  };
  assert.deepEqual(spread(balancer, 80, outcomeOf), { a: 40, b: 40 });
});

test('where all are ejected, all are used', () => {
  const { balancer } = setUp('a', 'b');
  spread(balancer, 10, () => 'bad');
  assert.deepEqual(spread(balancer, 10), { a: 5, b: 5 });
});

test('a caller that goes away blames nobody', () => {
  const { balancer } = setUp('a', 'b');
  assert.deepEqual(
    spread(balancer, 40, () => 'open'),
    { a: 20, b: 20 },
  );
});

test('who keeps calls gets none while others have fewer in flight', () => {
  const { balancer } = setUp('slow', 'quick');
  assert.equal(balancer.next()?.target, 'slow');
  assert.deepEqual(spread(balancer, 10), { quick: 10 });
});

test('the first failure after its return ejects an endpoint again', () => {
  const { balancer, clock } = setUp('well', 'ill');
  const outcomeOf = (name: string): Outcome => (name === 'ill' ? 'bad' : 'good');
  spread(balancer, 10, outcomeOf);
  clock.advance(2_000);
  assert.equal(spread(balancer, 100, outcomeOf).ill, 1);
  const ill = balancer.endpoints[1];
  assert.equal(ill?.health(clock.nowMs()), 'ejected');
  assert.equal(ill?.ejectedForMs(clock.nowMs()), 4_000);
});

test('where the last is spared, it is not ejected and gets all', () => {
  const balancer = new Balancer({
    targets: ['a', 'b'],
    clock: createTestClock(),
    sparesLast: true,
  });
  spread(balancer, 20, () => 'bad');
  assert.deepEqual(spread(balancer, 4), { b: 4 });
});

test('one that an active check finds unhealthy gets nothing while another is well', () => {
  const { balancer, clock } = setUp('a', 'b');
  const [a, b] = balancer.endpoints;
  a?.setHealthy(false);
  assert.deepEqual(spread(balancer, 4), { b: 4 });
  b?.setHealthy(false);
  assert.deepEqual(spread(balancer, 4), { a: 2, b: 2 });
  b?.setHealthy(true);
  assert.equal(b?.health(clock.nowMs()), 'rising');
  clock.advance(TEN_SECONDS_MS);
  assert.equal(b?.health(clock.nowMs()), 'up');
});

test('targets come and go; what is known of one that stays is kept', () => {
  const { balancer, up } = setUp('a', 'b');
  balancer.next();
  const [a] = balancer.endpoints;
  up.add('c');
  balancer.setTargets(['a', 'c']);
  assert.equal(balancer.endpoints[0], a);
  assert.equal(a?.inFlight, 1);
  assert.deepEqual(spread(balancer, 110), { a: 99, c: 11 });
});
