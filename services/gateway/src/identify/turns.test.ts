import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTurns } from './turns.ts';

const turnOfLoop = () => new Promise((resolve) => setImmediate(resolve));

test('so many go on in each turn, in the order of asking', async () => {
  const turn = createTurns(2);
  const went: number[] = [];
  for (let i = 0; i < 5; i += 1) void turn().then(() => went.push(i));
  assert.deepEqual(went, []);
  const seen: number[][] = [];
  for (let i = 0; i < 3; i += 1) {
    await turnOfLoop();
    seen.push([...went]);
  }
  assert.deepEqual(seen, [
    [0, 1],
    [0, 1, 2, 3],
    [0, 1, 2, 3, 4],
  ]);
});

test('turns can be further apart', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const turn = createTurns(2, 5);
  const went: number[] = [];
  for (let i = 0; i < 3; i += 1) void turn().then(() => went.push(i));
  await turnOfLoop();
  assert.deepEqual(went, []);
  t.mock.timers.tick(5);
  await turnOfLoop();
  assert.deepEqual(went, [0, 1]);
  t.mock.timers.tick(5);
  await turnOfLoop();
  assert.deepEqual(went, [0, 1, 2]);
});

test('who asks when nobody waits goes on in the next turn', async () => {
  const turn = createTurns(1);
  for (let i = 0; i < 3; i += 1) {
    let isOn = false;
    void turn().then(() => {
      isOn = true;
    });
    await turnOfLoop();
    assert.equal(isOn, true);
  }
});
