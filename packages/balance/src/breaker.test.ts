import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestClock } from '@gatehouse/testing';
import { type BreakerState, createBreaker } from './breaker.ts';
import type { Outcome } from './outcome.ts';

const settings = { failureRatio: 0.5, minCalls: 20, windowMs: 10_000, openMs: 2_000, probes: 3 };

function setUp() {
  const clock = createTestClock();
  const changes: BreakerState[] = [];
  const breaker = createBreaker({ settings, clock, onChange: (state) => changes.push(state) });
  const call = (...outcomes: readonly Outcome[]): void => {
    for (const outcome of outcomes) breaker.enter()?.(outcome);
  };
  const many = (outcome: Outcome, count: number): void => {
    for (let i = 0; i < count; i += 1) call(outcome);
  };
  return { clock, changes, breaker, call, many };
}

test('it opens at half of twenty calls, and not before there were twenty', () => {
  const { breaker, many } = setUp();
  many('bad', 10);
  many('good', 9);
  assert.equal(breaker.state, 'closed', 'nineteen calls');
  many('bad', 1);
  assert.equal(breaker.state, 'open');
  assert.equal(breaker.enter(), undefined);
});

test('below half it stays closed, however many fail', () => {
  const { breaker, call, many } = setUp();
  many('good', 20);
  for (let i = 0; i < 500; i += 1) call('good', 'good', 'bad');
  assert.equal(breaker.state, 'closed');
});

test('what is older than the window does not count, and who went away never does', () => {
  const { breaker, many, clock } = setUp();
  many('bad', 19);
  many('open', 100);
  assert.equal(breaker.state, 'closed');
  clock.advance(10_000);
  many('bad', 19);
  assert.equal(breaker.state, 'closed');
  many('bad', 1);
  assert.equal(breaker.state, 'open');
});

test('after two seconds three calls try at a time; three good ones in a row close it', () => {
  const { breaker, many, clock, changes } = setUp();
  many('bad', 20);
  clock.advance(1_999);
  assert.equal(breaker.enter(), undefined);
  clock.advance(1);
  const probes = [breaker.enter(), breaker.enter(), breaker.enter()];
  assert.equal(breaker.enter(), undefined, 'a fourth has to wait');
  for (const settle of probes) settle?.('good');
  assert.deepEqual(changes, ['open', 'half-open', 'closed']);
  many('bad', 19);
  assert.equal(breaker.state, 'closed', 'the count is reset');
});

test('one bad try opens it again, and those that are still under way change nothing', () => {
  const { breaker, many, clock } = setUp();
  many('bad', 20);
  clock.advance(2_000);
  const [first, second] = [breaker.enter(), breaker.enter()];
  first?.('bad');
  assert.equal(breaker.state, 'open');
  second?.('good');
  assert.equal(breaker.enter(), undefined);
  clock.advance(2_000);
  for (const settle of [breaker.enter(), breaker.enter(), breaker.enter()]) settle?.('good');
  assert.equal(breaker.state, 'closed');
});

test('a try whose caller went away makes room for another', () => {
  const { breaker, many, clock } = setUp();
  many('bad', 20);
  clock.advance(2_000);
  many('open', 50);
  assert.equal(breaker.state, 'half-open');
  many('good', 3);
  assert.equal(breaker.state, 'closed');
});

test('calls that began before it opened change nothing', () => {
  const { breaker, many, clock } = setUp();
  const early = [breaker.enter(), breaker.enter()];
  many('bad', 20);
  clock.advance(2_000);
  const probe = breaker.enter();
  for (const settle of early) settle?.('bad');
  assert.equal(breaker.state, 'half-open');
  probe?.('good');
});

test('a clock that is set back does not keep it open', () => {
  const { breaker, many, clock } = setUp();
  many('bad', 20);
  clock.advance(-3_600_000);
  breaker.enter()?.('good');
  assert.equal(breaker.state, 'half-open');
});
