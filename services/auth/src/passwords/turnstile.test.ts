import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTurnstile } from './turnstile.ts';

/** A turnstile for one at a time, whose work ends when it is told to, with what has been served. */
function rig(maxWaiting: number) {
  const turnstile = createTurnstile(1, maxWaiting);
  const served: string[] = [];
  const ends: (() => void)[] = [];
  const turnedAway: string[] = [];
  const ask = (address: string) =>
    void turnstile(address, async () => {
      served.push(address);
      await new Promise<void>((resolve) => ends.push(resolve));
    }).catch(({ code }: { code: string }) => turnedAway.push(`${address} ${code}`));
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const end = async () => {
    ends.shift()?.();
    await settle();
  };
  return { ask, end, settle, served, turnedAway };
}

test('who waits is served in turn by addresses, not by arrival', async () => {
  const { ask, end, served } = rig(64);
  for (let count = 0; count < 20; count += 1) ask('192.0.2.1');
  ask('192.0.2.2');
  ask('192.0.2.3');
  for (let count = 0; count < 4; count += 1) await end();
  assert.deepEqual(served, ['192.0.2.1', '192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.1']);
});

test('an address that has taken all places makes room for others, and only for others', async () => {
  for (const [flood, other] of [
    ['192.0.2.1', '198.51.100.1'],
    ['2001:db8::1', '2001:db8:0:1::1'],
    ['192.0.2.1', ''],
  ] as const) {
    const { ask, end, settle, served, turnedAway } = rig(8);
    for (let count = 0; count < 90; count += 1) ask(flood);
    await settle();
    assert.equal(turnedAway.length, 81);
    ask(other);
    await settle();
    assert.deepEqual(turnedAway.slice(81), [`${flood} auth.busy`]);
    for (let count = 0; count < 2; count += 1) await end();
    assert.ok(served.includes(other), other);
  }
});

test('addresses of one /64 are one', async () => {
  const { ask, end, served } = rig(64);
  for (let host = 1; host <= 20; host += 1) ask(`2001:db8::${host}`);
  ask('192.0.2.1');
  for (let count = 0; count < 2; count += 1) await end();
  assert.deepEqual(served.slice(2), ['192.0.2.1']);
});

test('where all hold as much, one who comes is turned away', async () => {
  const { ask, settle, turnedAway } = rig(3);
  for (let host = 1; host <= 5; host += 1) ask(`192.0.2.${host}`);
  await settle();
  assert.deepEqual(turnedAway, ['192.0.2.5 auth.busy']);
});
