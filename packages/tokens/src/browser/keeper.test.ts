import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { accessClaims, ecKey, forge, NOW, testClock } from '../test-support/forge.ts';
import { createTokenKeeper, type TokenKeeperOptions } from './keeper.ts';

const LIFE_SECONDS = 900;

/** A token of fifteen minutes by the issuer's clock, which nobody else has. */
function issue(serial: number, lifeSeconds = LIFE_SECONDS): string {
  const claims = { ...accessClaims, jti: `tok_${serial}`, iat: NOW, exp: NOW + lifeSeconds };
  return forge(ecKey, { alg: 'ES256' }, claims);
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** A keeper whose back end, clock and timers are the test's own. */
function setUp(t: TestContext, options: Partial<TokenKeeperOptions> = {}) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const clock = testClock();
  const server = {
    fetches: 0,
    answer: (serial: number): Promise<string> | string => issue(serial),
  };
  const keeper = createTokenKeeper({
    clock,
    fetchToken: async () => await server.answer(++server.fetches),
    ...options,
  });
  t.after(() => keeper.close());
  const pass = async (ms: number) => {
    clock.advanceMs(ms);
    t.mock.timers.tick(ms);
    await settle();
  };
  return { keeper, server, clock, pass };
}

const down = () => Promise.reject(new Error('down'));

test('many callers share one fetch, and then one token', async (t) => {
  const { keeper, server } = setUp(t);
  const tokens = await Promise.all(Array.from({ length: 50 }, () => keeper.token()));
  assert.equal(new Set(tokens).size, 1);
  assert.equal(await keeper.token(), tokens[0]);
  assert.equal(server.fetches, 1);
});

test('a token is replaced a minute ahead of its end, without anybody asking', async (t) => {
  const { keeper, server, pass } = setUp(t);
  const first = await keeper.token();
  await pass(839_000);
  assert.equal(server.fetches, 1);
  await pass(1_000);
  assert.equal(server.fetches, 2);
  assert.notEqual(await keeper.token(), first);
  assert.equal(server.fetches, 2);
});

test('a token of a short life is replaced at half of it', async (t) => {
  const { keeper, server, pass } = setUp(t);
  server.answer = (serial) => issue(serial, 30);
  await keeper.token();
  await pass(14_000);
  assert.equal(server.fetches, 1);
  await pass(1_000);
  assert.equal(server.fetches, 2);
});

test('a tab that slept through the end fetches before it answers', async (t) => {
  const { keeper, server, clock } = setUp(t);
  const first = await keeper.token();
  clock.advanceMs(8 * 3_600_000); // Timers stand still in a sleep.
  const [second, third] = await Promise.all([keeper.token(), keeper.token()]);
  assert.notEqual(second, first);
  assert.equal(second, third);
  assert.equal(server.fetches, 2);
});

test('a tab that slept into the last minute answers at once, and fetches behind it', async (t) => {
  const { keeper, server, clock } = setUp(t);
  const first = await keeper.token();
  clock.advanceMs(850_000);
  assert.equal(await keeper.token(), first);
  await settle();
  assert.equal(server.fetches, 2);
});

test('a fetch that died in a sleep keeps nobody waiting for ever', async (t) => {
  const { keeper, server, pass } = setUp(t);
  server.answer = () => new Promise(() => {});
  const waiting = assert.rejects(keeper.token(), /no token came in time/);
  await settle();
  await pass(10_000);
  await waiting;
  server.answer = issue;
  await pass(1_000);
  await keeper.token();
});

test('a machine whose clock is off, or is set back, gets good tokens', async (t) => {
  const { keeper, server, clock, pass } = setUp(t);
  clock.advanceMs(-86_400_000);
  const first = await keeper.token();
  await pass(600_000);
  assert.equal(await keeper.token(), first);
  clock.advanceMs(-3_600_000);
  assert.notEqual(await keeper.token(), first);
  assert.equal(server.fetches, 2);
});

test('while the back end is unavailable, the token is used until it expires', async (t) => {
  const failures: unknown[] = [];
  const { keeper, server, pass } = setUp(t, { onFailed: (error) => failures.push(error) });
  const first = await keeper.token();
  server.answer = down;
  await pass(840_000);
  assert.equal(server.fetches, 2);
  for (const ms of [1_000, 2_000, 4_000]) await pass(ms);
  assert.equal(server.fetches, 5);
  assert.equal(failures.length, 4);
  assert.equal(await keeper.token(), first);
  await pass(60_000);
  await assert.rejects(keeper.token(), /down/);
});

test('callers without a token do not storm an unavailable back end', async (t) => {
  const { keeper, server, pass } = setUp(t);
  server.answer = down;
  for (let call = 0; call < 20; call++) await assert.rejects(keeper.token(), /down/);
  assert.equal(server.fetches, 1);
  await pass(1_000);
  await assert.rejects(keeper.token(), /down/);
  assert.equal(server.fetches, 2);
  server.answer = issue;
  await pass(1_999);
  await assert.rejects(keeper.token(), /down/);
  await pass(1);
  await keeper.token();
  assert.equal(server.fetches, 3);
});

test('a rejected token is replaced once, however many saw it rejected', async (t) => {
  const { keeper, server } = setUp(t);
  const first = await keeper.token();
  const [second, third] = await Promise.all([keeper.replace(first), keeper.replace(first)]);
  assert.notEqual(second, first);
  assert.equal(second, third);
  assert.equal(await keeper.replace(first), second);
  assert.equal(server.fetches, 2);
});

test('what is no token with a life is an error, and is not kept', async (t) => {
  const { keeper, server } = setUp(t);
  server.answer = () => forge(ecKey, { alg: 'ES256' }, { sub: 'usr_1' });
  await assert.rejects(keeper.token(), { code: 'claim' });
});

test('a closed keeper forgets, tells its fetch, and answers nobody', async (t) => {
  let signal: AbortSignal | undefined;
  const { keeper } = setUp(t, {
    fetchToken: (given) => {
      signal = given;
      return new Promise(() => {});
    },
  });
  const waiting = assert.rejects(keeper.token(), /closed/);
  await settle();
  keeper.close();
  await waiting;
  assert.ok(signal?.aborted);
  await assert.rejects(keeper.token(), /closed/);
});

test('a listener that throws changes nothing', async (t) => {
  const { keeper, server } = setUp(t, {
    onFailed: () => {
      throw new Error('the log is full');
    },
  });
  server.answer = down;
  await assert.rejects(keeper.token(), /down/);
});
