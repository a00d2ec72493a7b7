import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestClock } from '@gatehouse/testing';
import { createRetryBudget } from './retry-budget.ts';

function setUp(ratio: number, minPerSecond: number) {
  const clock = createTestClock();
  const budget = createRetryBudget({ ratio, minPerSecond }, clock);
  /** How many of so many retries are allowed. */
  const allowed = (asked: number): number => {
    let count = 0;
    for (let i = 0; i < asked; i += 1) if (budget.spend()) count += 1;
    return count;
  };
  return { clock, budget, allowed };
}

test('retries are a share of the calls, beside a few each second', () => {
  const { budget, allowed, clock } = setUp(0.25, 10);
  assert.equal(allowed(100), 10);
  assert.equal(allowed(100), 0);
  for (let i = 0; i < 100; i += 1) budget.earn();
  assert.equal(allowed(100), 25);
  clock.advance(1_000);
  assert.equal(allowed(100), 10);
});

test('what is saved up is bounded', () => {
  const { budget, allowed, clock } = setUp(0.2, 10);
  for (let i = 0; i < 100_000; i += 1) budget.earn();
  clock.advance(3_600_000);
  assert.equal(allowed(1_000), 100);
});

test('a clock that is set back takes nothing', () => {
  const { allowed, clock } = setUp(0, 1);
  allowed(10);
  clock.advance(-60_000);
  assert.equal(allowed(1), 0);
  clock.advance(1_000);
  assert.equal(allowed(1), 1);
});

test('without a budget nothing is retried', () => {
  const { budget, allowed } = setUp(0, 0);
  budget.earn();
  assert.equal(allowed(5), 0);
});

test('a ratio alone allows its share, and nothing before there was a call', () => {
  const { budget, allowed } = setUp(0.5, 0);
  assert.equal(allowed(5), 0);
  for (let i = 0; i < 4; i += 1) budget.earn();
  assert.equal(allowed(5), 2);
});

test('it begins with ten seconds of what time grants, and ten at most', () => {
  assert.equal(setUp(0, 0.5).allowed(100), 5);
  assert.equal(setUp(0, 100).allowed(100), 10);
});
