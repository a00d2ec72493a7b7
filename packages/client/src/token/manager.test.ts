import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { clientErrors } from '../errors.ts';
import { createTestTime } from '../test-support/time.ts';
import type { FetchedToken } from './life.ts';
import { createTokenManager, type TokenEvent, type TokenManagerOptions } from './manager.ts';

const LIFE_MS = 300_000;
const AWAY = new Error('connect ECONNREFUSED');

/** A manager over an auth server that answers with token-1, token-2, … until it is told otherwise. */
function setUp(options: Partial<TokenManagerOptions> = {}) {
  const time = createTestTime();
  const auth = { asked: 0, isAway: false };
  const events: TokenEvent[] = [];
  const tokens = createTokenManager({
    fetchToken: async (): Promise<FetchedToken> => {
      auth.asked += 1;
      if (auth.isAway) throw AWAY;
      return { token: `token-${auth.asked}`, lifeMs: LIFE_MS };
    },
    clock: time.clock,
    after: time.after,
    random: () => 0,
    onEvent: (event) => events.push(event),
    ...options,
  });
  return { ...time, time, auth, events, tokens };
}

const code = (expected: string) => (error: unknown) => {
  assert.equal((error as { code?: string }).code, expected);
  return true;
};

test('a thousand callers at once make one request', async () => {
  const { tokens, auth } = setUp();
  const all = await Promise.all(Array.from({ length: 1_000 }, () => tokens.get()));
  assert.deepEqual(new Set(all), new Set(['token-1']));
  assert.equal(auth.asked, 1);
});

test('a caller gives up by its own signal or time, and the fetch goes on for the others', async () => {
  const answer = Promise.withResolvers<FetchedToken>();
  const { tokens, time } = setUp({ fetchToken: () => answer.promise });
  const caller = new AbortController();
  const aborted = assert.rejects(tokens.get({ signal: caller.signal }), code('common.cancelled'));
  const late = assert.rejects(tokens.get({ timeoutMs: 100 }), code('client.token_late'));
  const gone = assert.rejects(
    tokens.get({ signal: AbortSignal.abort() }),
    code('common.cancelled'),
  );
  const patient = tokens.get({ timeoutMs: 5_000 });
  caller.abort();
  await time.advance(100);
  await Promise.all([aborted, late, gone]);
  answer.resolve({ token: 'slow', lifeMs: LIFE_MS });
  assert.equal(await patient, 'slow');
  assert.equal(await tokens.get(), 'slow');
});

test('the next token is there before the old one ends, without a caller waiting for it', async () => {
  const { tokens, auth, time } = setUp();
  await tokens.get();
  await time.advance(LIFE_MS - 60_001);
  assert.deepEqual([await tokens.get(), auth.asked], ['token-1', 1]);
  await time.advance(2);
  assert.equal(tokens.current(), 'token-2');
  assert.equal(auth.asked, 2);
  await time.advance(10 * LIFE_MS);
  assert.ok(tokens.current() !== undefined, 'it goes on');
});

test('auth is unavailable from second 30 to 240 of a five-minute token: no call fails', async () => {
  const { tokens, auth, time } = setUp({ random: Math.random });
  await tokens.get();
  for (let second = 0; second < 2 * 300; second += 1) {
    auth.isAway = second >= 30 && second < 240;
    assert.ok(await tokens.get(), `second ${second}`);
    await time.advance(1_000);
  }
  assert.ok(auth.asked >= 3 && auth.asked < 20, `${auth.asked} requests`);
});

test('the old token serves until it ends, and then the error says why', async () => {
  const { tokens, auth, time, events } = setUp();
  await tokens.get();
  auth.isAway = true;
  await time.advance(LIFE_MS - 1);
  assert.equal(await tokens.get(), 'token-1');
  assert.ok(events.some((event) => event.type === 'failed' && event.stillServing));
  await time.advance(1);
  assert.equal(tokens.current(), undefined);
  await assert.rejects(tokens.get(), code('client.token_unreachable'));
  auth.isAway = false;
  await time.advance(5_000);
  assert.match(await tokens.get(), /^token-/);
});

test('while auth is unavailable it is asked with a back-off of 5 s at most', async () => {
  const { tokens, auth, time, events } = setUp({ random: () => 1 });
  auth.isAway = true;
  for (let ms = 0; ms < 60_000; ms += 100) {
    await assert.rejects(tokens.get(), code('client.token_unreachable'));
    await time.advance(100);
  }
  assert.ok(auth.asked > 12 && auth.asked < 20, `${auth.asked} requests`);
  const pauses = events.map((event) => (event.type === 'failed' ? event.retryInMs : 0));
  assert.deepEqual(pauses.slice(0, 6), [200, 400, 800, 1_600, 3_200, 5_000]);
  assert.equal(Math.max(...pauses), 5_000);
});

test('many refusals of one token fetch one new token', async () => {
  const { tokens, auth } = setUp();
  const old = await tokens.get();
  const fresh = await Promise.all(Array.from({ length: 100 }, () => tokens.reject(old)));
  assert.deepEqual(new Set(fresh), new Set(['token-2']));
  assert.equal(auth.asked, 2);
});

test('a refusal that comes late, of a token that was replaced, fetches none', async () => {
  const { tokens, auth } = setUp();
  const old = await tokens.get();
  await tokens.reject(old);
  assert.equal(await tokens.reject(old), 'token-2');
  assert.equal(auth.asked, 2);
});

test('a token that was just fetched for a refusal is not fetched again for the next', async () => {
  const { tokens, auth, time } = setUp();
  const second = await tokens.reject(await tokens.get());
  for (let ms = 0; ms < 4_900; ms += 100) {
    assert.equal(await tokens.reject(second), second, 'the same one: the caller gives up');
    await time.advance(100);
  }
  assert.equal(auth.asked, 2);
  await time.advance(100);
  assert.equal(await tokens.reject(second), 'token-3');
});

test('a rejection while auth is unavailable is its error, and the current token is kept', async () => {
  const { tokens, auth } = setUp();
  const old = await tokens.get();
  auth.isAway = true;
  await assert.rejects(tokens.reject(old), code('client.token_unreachable'));
  assert.equal(await tokens.get(), old);
});

test('what the fetch says is kept: refused, malformed, a clock that is off', async () => {
  for (const error of [clientErrors.TOKEN_REFUSED(), clientErrors.TOKEN_MALFORMED()]) {
    const { tokens } = setUp({ fetchToken: () => Promise.reject(error) });
    await assert.rejects(tokens.get(), code(error.code));
    await assert.rejects(tokens.get(), code(error.code));
  }
  const { tokens, time } = setUp({
    fetchToken: async () => ({
      token: 'opaque',
      lifeMs: LIFE_MS,
      serverTimeMs: time.clock.nowMs() + 600_000,
    }),
  });
  await assert.rejects(tokens.get(), code('client.clock_off'));
});

test('a fetch that never ends is given up, and told so', async () => {
  let signal: AbortSignal | undefined;
  const { tokens, time } = setUp({
    fetchToken: (given) => {
      signal = given;
      return new Promise(() => undefined);
    },
    fetchTimeoutMs: 1_000,
  });
  const failed = assert.rejects(tokens.get(), code('client.token_unreachable'));
  await time.advance(1_000);
  await failed;
  assert.equal(signal?.aborted, true);
});

test('a machine that slept past the end of a token fetches one', async () => {
  const { tokens, time } = setUp();
  await tokens.get();
  time.jump(LIFE_MS * 3);
  assert.equal(await tokens.get(), 'token-2');
});

test('a clock that is set back does not stop the fetches', async () => {
  const { tokens, auth, time } = setUp();
  auth.isAway = true;
  await assert.rejects(tokens.get());
  auth.isAway = false;
  time.jump(-3_600_000);
  assert.equal(await tokens.get(), 'token-2');
});

test('closing ends what is in flight and the renewals', async () => {
  const { tokens, time } = setUp({ fetchToken: () => new Promise(() => undefined) });
  const failed = assert.rejects(tokens.get(), code('common.cancelled'));
  tokens.close();
  await failed;
  await assert.rejects(tokens.get(), code('common.cancelled'));
  assert.equal(time.waiting, 0);
});

test('a listener that throws harms nobody', async () => {
  const { tokens } = setUp({
    onEvent: () => {
      throw new Error('no');
    },
  });
  assert.equal(await tokens.get(), 'token-1');
});

test('its timers keep no process alive', () => {
  const program = `
    import { createTokenManager } from ${JSON.stringify(new URL('./manager.ts', import.meta.url).href)};
    const tokens = createTokenManager({ fetchToken: async () => ({ token: 't', lifeMs: 300_000 }) });
    await tokens.get({ timeoutMs: 60_000 });`;
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', program],
    { timeout: 10_000, encoding: 'utf8' },
  );
  assert.equal(status, 0, stderr);
});
