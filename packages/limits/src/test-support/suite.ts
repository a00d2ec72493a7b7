/** What every implementation of `Limit` does. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Limit, LimitSettings } from '../limit.ts';

/** An implementation under test, with a clock that the suite turns. */
export interface LimitUnderTest {
  readonly limit: Limit;
  advance(ms: number): void;
}

export type MakeLimit = (settings: LimitSettings, t: TestContext) => LimitUnderTest;

const WINDOW_MS = 1_000;

/** Registers the tests of the port for one implementation. */
export function limitSuite(name: string, make: MakeLimit): void {
  const setUp = (points: number, t: TestContext) => {
    const { limit, advance } = make({ points, windowMs: WINDOW_MS }, t);
    const allowed = async (key: string) => (await limit.take(key)).allowed;
    return { limit, advance, allowed };
  };

  test(`${name}: each key has its points, and all of them again in the next window`, async (t) => {
    const { limit, advance, allowed } = setUp(2, t);
    assert.deepEqual(await limit.take('a'), { allowed: true, left: 1, leftMs: WINDOW_MS });
    advance(400);
    assert.deepEqual(await limit.take('a'), { allowed: true, left: 0, leftMs: 600 });
    assert.deepEqual(await limit.take('a'), { allowed: false, left: 0, leftMs: 600 });
    assert.equal(await allowed('b'), true);
    advance(600);
    assert.deepEqual(await limit.take('a'), { allowed: true, left: 1, leftMs: WINDOW_MS });
  });

  test(`${name}: what is refused counts too`, async (t) => {
    const { limit, allowed } = setUp(1, t);
    for (let i = 0; i < 3; i += 1) await limit.take('a');
    await limit.giveBack('a');
    assert.equal(await allowed('a'), false);
  });

  test(`${name}: peek says what take would, and counts nothing`, async (t) => {
    const { limit, advance } = setUp(1, t);
    for (let i = 0; i < 3; i += 1) {
      assert.deepEqual(await limit.peek('a'), { allowed: true, left: 0, leftMs: WINDOW_MS });
    }
    await limit.take('a');
    advance(400);
    assert.deepEqual(await limit.peek('a'), { allowed: false, left: 0, leftMs: 600 });
    advance(600);
    assert.equal((await limit.peek('a')).allowed, true);
  });

  test(`${name}: what is given back can be taken again`, async (t) => {
    const { limit, allowed } = setUp(1, t);
    assert.equal(await allowed('a'), true);
    await limit.giveBack('a');
    assert.equal(await allowed('a'), true);
    assert.equal(await allowed('a'), false);
  });

  test(`${name}: giving back what was not taken, or ended with its window, gives nothing`, async (t) => {
    const { limit, advance, allowed } = setUp(1, t);
    await limit.giveBack('a');
    assert.equal(await allowed('a'), true);
    advance(WINDOW_MS);
    await limit.giveBack('a');
    assert.deepEqual([await allowed('a'), await allowed('a')], [true, false]);
  });

  test(`${name}: without points nothing is allowed`, async (t) => {
    const { limit, allowed } = setUp(0, t);
    assert.equal((await limit.peek('a')).allowed, false);
    assert.equal(await allowed('a'), false);
  });
}
