import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAddressLimiter, createAttemptLimiter, createSignUpLimiter } from './limits.ts';

test('attempts are counted per account and address', async () => {
  const limiter = createAttemptLimiter();
  for (let time = 0; time < 5; time += 1) await limiter.take('a@example.com', '192.0.2.1');
  await assert.rejects(limiter.take('a@example.com', '192.0.2.1'), {
    code: 'auth.too_many_attempts',
  });
  await limiter.take('a@example.com', '192.0.2.2');
  await limiter.take('b@example.com', '192.0.2.1');
});

test('from everywhere at once an account becomes slower, and is never locked', async () => {
  const waits: number[] = [];
  const wait = async (ms: number) => void waits.push(ms);
  const limits = { perAddress: 5, perAccount: 3, delayMs: 1000, wait };
  const limiter = createAttemptLimiter(limits);
  for (let host = 1; host <= 5; host += 1) await limiter.take('a@example.com', `192.0.2.${host}`);
  assert.deepEqual(waits, [1000, 1000]);
});

test('an address has so many uses a minute', async () => {
  const take = createAddressLimiter(2);
  await take('192.0.2.1');
  await take('192.0.2.1');
  await assert.rejects(take('192.0.2.1'), { kind: 'RESOURCE_EXHAUSTED' });
  await take('192.0.2.2');
});

/** Attempts of so many accounts from addresses in turn, all of them wrong. @returns how many were tried. */
async function tried(addresses: readonly string[], attempts: number): Promise<number> {
  let count = 0;
  let nowMs = 0;
  const limits = { perAddress: 5, perAccount: 50, delayMs: 0, nowMs: () => nowMs };
  const limiter = createAttemptLimiter(limits);
  for (let index = 0; index < attempts; index += 1) {
    nowMs += 100;
    const address = addresses[index % addresses.length] ?? '';
    const isTried = await limiter.take(`victim${index}@example.com`, address).then(
      () => true,
      () => false,
    );
    if (isTried) count += 1;
  }
  return count;
}

test('stuffing over many accounts is bounded by address, /64 and /48', async () => {
  assert.equal(await tried(['192.0.2.1'], 120), 65);
  assert.equal(await tried(['2001:db8::1', '2001:db8::2', '2001:db8::ffff:3'], 120), 65);
  const networks = Array.from({ length: 100 }, (_, index) => `2001:db8:0:${index}::1`);
  assert.ok((await tried(networks, 1_000)) < 70 * 4);
  assert.equal(await tried(['192.0.2.1', '192.0.2.2'], 120), 120);
});

test('three hundred people behind one address log in within an hour, one in five after a mistake', async () => {
  for (const everyMs of [12_000, 1_000, 10]) {
    let nowMs = 0;
    const limits = { perAddress: 5, perAccount: 50, delayMs: 0, nowMs: () => nowMs };
    const limiter = createAttemptLimiter(limits);
    for (let pupil = 0; pupil < 300; pupil += 1) {
      nowMs += everyMs;
      const account = `pupil${pupil}@example.com`;
      if (pupil % 5 === 0) await limiter.take(account, '192.0.2.1');
      await limiter.take(account, '192.0.2.1');
      await limiter.giveBack(account, '192.0.2.1');
    }
  }
});

test('sign-ups of an address are bounded, come back slowly, and leave room for a school', () => {
  let nowMs = 0;
  for (const address of ['192.0.2.1', '2001:db8::1', '']) {
    const limiter = createSignUpLimiter({ nowMs: () => nowMs });
    for (let count = 0; count < 300; count += 1) limiter.take(address);
    assert.throws(() => limiter.take(address), {
      code: 'auth.too_many_attempts',
      retryAfterSeconds: 12,
    });
    limiter.giveBack(address);
    limiter.take(address);
    nowMs += 12_000;
    limiter.take(address);
    assert.throws(() => limiter.take(address), { kind: 'RESOURCE_EXHAUSTED' });
  }
});
