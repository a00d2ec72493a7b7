import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Balancer } from '@gatehouse/balance';
import { commonErrors } from '@gatehouse/errors';
import { createTestClock } from '@gatehouse/testing';
import { withFlow } from '../flow.ts';
import { createTokenManager } from '../token/manager.ts';
import type { PartialPolicy } from './policy.ts';
import { type Attempt, deadlineOf, type PlannedCall, runCall } from './run.ts';
import { createTarget, type Target } from './target.ts';

type Call = PlannedCall<string, string>;

interface Sketch extends Partial<Pick<Call, 'isRetryable' | 'isReplayable'>> {
  readonly endpoints?: readonly string[];
  readonly policy?: PartialPolicy;
  readonly withTokens?: boolean;
  /** What each try ends with, in turn; the last one goes on. */
  readonly ends: readonly Attempt<string>[];
}

const good: Attempt<string> = { outcome: 'good', retry: 'never', end: () => 'done' };
const failed = (retry: Attempt<string>['retry']): Attempt<string> => ({
  outcome: 'bad',
  retry,
  end: () => {
    throw commonErrors.UNAVAILABLE();
  },
});
const refused: Attempt<string> = {
  outcome: 'good',
  retry: 'with another token',
  end: () => 'unauthorized',
};
const AWAY = { code: 'common.unavailable' };

function setUp(sketch: Sketch) {
  const clock = createTestClock();
  let issued = 0;
  const tokens = createTokenManager({
    fetchToken: async () => {
      issued += 1;
      return { token: `token-${issued}`, lifeMs: 300_000 };
    },
  });
  const target: Target = createTarget({
    clock,
    ...(sketch.policy === undefined ? {} : { policy: sketch.policy }),
    ...(sketch.withTokens === true ? { tokens } : {}),
  });
  const balancer = new Balancer({ targets: sketch.endpoints ?? ['a', 'b', 'c'], clock });
  const tries: string[] = [];
  let askAtMs: (ms: number) => void = () => undefined;
  const call = (): Promise<string> => {
    tries.length = 0;
    return runCall<string, string>(target, {
      deadlineMs: clock.nowMs() + 1_000,
      signal: undefined,
      isRetryable: sketch.isRetryable ?? true,
      isReplayable: sketch.isReplayable ?? true,
      next: async ({ tried }) => balancer.next(tried),
      attempt: async (endpoint, token) => {
        const end = sketch.ends[Math.min(tries.length, sketch.ends.length - 1)];
        tries.push(token === undefined ? endpoint : `${endpoint} ${token}`);
        askAtMs(tries.length);
        assert.ok(end);
        return end;
      },
    });
  };
  const onTry = (act: (count: number) => void): void => {
    askAtMs = act;
  };
  return { clock, target, tokens, tries, call, onTry, issued: () => issued };
}

test('a safe call whose copy is lost goes to another, once', async () => {
  const lost = setUp({ ends: [failed('elsewhere if safe'), good] });
  assert.equal(await lost.call(), 'done');
  assert.deepEqual(lost.tries, ['a', 'b']);
  const away = setUp({ ends: [failed('elsewhere if safe')] });
  await assert.rejects(away.call(), AWAY);
  assert.deepEqual(away.tries, ['a', 'b']);
});

test('one that may have had its effect is not retried, unless it is safe or has a key', async () => {
  const { call, tries } = setUp({ ends: [failed('elsewhere if safe')], isRetryable: false });
  await assert.rejects(call(), AWAY);
  assert.equal(tries.length, 1);
});

test('one that was not begun goes on to every endpoint, safe or not', async () => {
  const { call, tries } = setUp({ ends: [failed('elsewhere')], isRetryable: false });
  await assert.rejects(call(), AWAY);
  assert.deepEqual(tries, ['a', 'b', 'c']);
});

test('a call whose body is gone is never retried', async () => {
  for (const retry of ['elsewhere', 'elsewhere if safe', 'with another token'] as const) {
    const { call, tries } = setUp({
      ends: [failed(retry)],
      isReplayable: false,
      withTokens: true,
    });
    await assert.rejects(call(), AWAY);
    assert.equal(tries.length, 1, retry);
  }
});

test('a single endpoint is tried again only when its idle connection was gone', async () => {
  const gone = setUp({ endpoints: ['a'], ends: [failed('anywhere if safe'), good] });
  assert.equal(await gone.call(), 'done');
  const lost = setUp({ endpoints: ['a'], ends: [failed('elsewhere if safe'), good] });
  await assert.rejects(lost.call(), AWAY);
});

test('nothing is retried after the deadline', async () => {
  const { call, tries, clock, onTry } = setUp({ ends: [failed('elsewhere')] });
  onTry(() => clock.advance(1_000));
  await assert.rejects(call(), AWAY);
  assert.equal(tries.length, 1);
});

test('retries end when the budget is used up', async () => {
  const policy = { budget: { ratio: 0.1, minPerSecond: 0 }, breaker: { failureRatio: 2 } };
  const { call, tries } = setUp({ ends: [failed('elsewhere if safe')], policy });
  let retries = 0;
  for (let i = 0; i < 100; i += 1) {
    await assert.rejects(call(), AWAY);
    retries += tries.length - 1;
  }
  assert.equal(retries, 10);
});

test('a refused token is replaced and the call retried, once', async () => {
  const once = setUp({ ends: [refused, good], withTokens: true, isRetryable: false });
  assert.equal(await once.call(), 'done');
  assert.deepEqual(once.tries, ['a token-1', 'b token-2']);
  const always = setUp({ ends: [refused], withTokens: true });
  assert.equal(await always.call(), 'unauthorized');
  assert.equal(always.tries.length, 2);
});

test('when no other token is available at once, the rejection stands', async () => {
  const { call, tries, issued } = setUp({ ends: [refused], withTokens: true });
  await call();
  assert.equal(await call(), 'unauthorized');
  assert.deepEqual(tries, ['c token-2'], 'the new token was refused within 5 s');
  assert.equal(issued(), 2);
});

test('a token that was replaced meanwhile is not fetched again', async () => {
  const { call, tries, tokens, onTry, issued } = setUp({ ends: [refused, good], withTokens: true });
  onTry((count) => {
    if (count === 1) void tokens.reject('token-1');
  });
  assert.equal(await call(), 'done');
  assert.deepEqual([tries[1], issued()], ['b token-2', 2]);
});

test('twenty calls that fail open the circuit, and the next does not leave', async () => {
  const { call, tries, target } = setUp({ ends: [failed('never')] });
  for (let i = 0; i < 20; i += 1) await assert.rejects(call(), AWAY);
  assert.equal(target.breaker.state, 'open');
  tries.length = 0;
  await assert.rejects(call(), { code: 'client.circuit_open', kind: 'UNAVAILABLE' });
  assert.equal(tries.length, 0);
});

test('a token that cannot be had is not the fault of the target', async () => {
  const tokens = createTokenManager({ fetchToken: () => Promise.reject(new Error('away')) });
  const target = createTarget({ tokens });
  const call = () =>
    runCall<string, string>(target, {
      deadlineMs: Date.now() + 1_000,
      signal: undefined,
      isRetryable: true,
      isReplayable: true,
      next: () => assert.fail('it left'),
      attempt: () => assert.fail('it left'),
    });
  for (let i = 0; i < 30; i += 1) {
    await assert.rejects(call(), { code: 'client.token_unreachable' });
  }
  assert.equal(target.breaker.state, 'closed');
});

test('the deadline is the shorter of the own time and of the call that is served', () => {
  const { target, clock } = setUp({ ends: [good] });
  const nowMs = clock.nowMs();
  const served = (leftMs: number, timeoutMs?: number) =>
    withFlow({ deadlineMs: nowMs + leftMs }, () => {
      const { deadlineMs, isHurried } = deadlineOf(target, timeoutMs);
      return [deadlineMs - nowMs, isHurried];
    });
  assert.deepEqual(deadlineOf(target), { deadlineMs: nowMs + 5_000, isHurried: false });
  assert.deepEqual(served(9_000), [5_000, false]);
  assert.deepEqual(served(3_000), [3_000, false]);
  assert.deepEqual(served(1_000), [1_000, true], 'too little to blame anybody');
  assert.deepEqual(served(9_000, 100), [100, false]);
  assert.throws(() => served(0), { code: 'common.deadline' });
});
