import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatehouseError } from '@gatehouse/errors';
import { trustedProxies } from '../receive/client-address.ts';
import { createFailureLimit } from './failure-limit.ts';

test('an address over its failures is stopped, and told for how long', () => {
  const limit = createFailureLimit({ failures: 2, windowSeconds: 60 });
  for (let i = 0; i < 3; i += 1) {
    if (i < 2) limit.check('192.0.2.1');
    limit.count('192.0.2.1');
  }
  const refused = (error: GatehouseError) => {
    assert.equal(error.code, 'gateway.too_many_failures');
    assert.ok((error.retryAfterSeconds ?? 0) > 0 && (error.retryAfterSeconds ?? 0) <= 60);
    return true;
  };
  assert.throws(() => limit.check('192.0.2.1'), refused);
});

test('other addresses are not touched; one /64 is one address', () => {
  const limit = createFailureLimit({ failures: 1 });
  limit.count('2001:db8::1');
  assert.throws(() => limit.check('2001:db8::2'));
  limit.check('2001:db8:0:1::1');
  limit.check('192.0.2.1');
});

test('an address is clean until it fails', () => {
  const limit = createFailureLimit({ failures: 2 });
  assert.equal(limit.isClean('192.0.2.1'), true);
  limit.count('192.0.2.1');
  assert.equal(limit.isClean('192.0.2.1'), false);
  assert.equal(limit.isClean('192.0.2.2'), true);
});

test('asking is free', () => {
  const limit = createFailureLimit({ failures: 1 });
  for (let i = 0; i < 5; i += 1) limit.check('192.0.2.1');
});

/** A limit whose waits take no time, and what they were. */
function waiting() {
  const time = { nowMs: 1000 };
  const waits: number[] = [];
  const limit = createFailureLimit({
    proxies: trustedProxies(['10.0.0.1']),
    nowMs: () => time.nowMs,
    wait: async (ms) => waits.push(ms),
  });
  return { time, waits, limit };
}

test('an address is refused once a second, and who asks more often waits, ten seconds at most', async () => {
  const { time, waits, limit } = waiting();
  for (let i = 0; i < 4; i += 1) await limit.turn('192.0.2.1', '192.0.2.1');
  assert.deepEqual(waits, [1000, 2000, 3000]);
  await limit.turn('192.0.2.2', '192.0.2.2');
  assert.equal(waits.length, 3, 'another address has turns of its own');
  time.nowMs += 3_950;
  await limit.turn('192.0.2.1', '192.0.2.1');
  assert.equal(waits.at(-1), 50);
  for (let i = 0; i < 20; i += 1) await limit.turn('192.0.2.1', '192.0.2.1');
  assert.equal(waits.at(-1), 10_050);
});

test('those who wait are told together, ten times a second', async () => {
  const { time, waits, limit } = waiting();
  for (const address of ['192.0.2.1', '192.0.2.2']) {
    await limit.turn(address, address);
    time.nowMs += 30;
  }
  for (const address of ['192.0.2.1', '192.0.2.2']) await limit.turn(address, address);
  const dueMs = waits.map((ms) => time.nowMs + ms);
  assert.deepEqual(dueMs, [2000, 2100]);
});

test('nobody waits behind a trusted proxy, which speaks for others on that connection', async () => {
  const { waits, limit } = waiting();
  for (let i = 0; i < 4; i += 1) await limit.turn('192.0.2.1', '::ffff:10.0.0.1');
  assert.deepEqual(waits, []);
});
