import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { RegisterPassportKeyResponseSchema } from '@gatehouse/contracts/gen/gatehouse/auth/v1/auth_pb.ts';
import { GatehouseError } from '@gatehouse/errors';
import { createTestClock } from '@gatehouse/testing';
import { verifyKeyProof } from '@gatehouse/tokens';
import {
  createPassportKey,
  type PassportKeyEvent,
  type PassportKeyOptions,
} from './passport-key.ts';

const IDENTITY = 'spiffe://gatehouse.local/gateway';
const AUTH = 'spiffe://gatehouse.local/auth';
const LEASE_MS = 600_000;

/** An auth that checks the proof, and time that passes only when the test says so. */
function setUp(settings: Pick<PassportKeyOptions, 'rotateAfterMs' | 'rotationSettleMs'> = {}) {
  const clock = createTestClock();
  const events: PassportKeyEvent[] = [];
  const waits: number[] = [];
  const answers: { down: boolean; issuer: string; revoked: Set<string> } = {
    down: false,
    issuer: IDENTITY,
    revoked: new Set(),
  };
  const registered: string[] = [];
  let wake: () => void = () => undefined;
  let asleep = Promise.withResolvers<void>();
  const key = createPassportKey({
    ...settings,
    identity: IDENTITY,
    authIdentity: AUTH,
    clock,
    onEvent: (event) => events.push(event),
    register: async ({ publicKey, proof }) => {
      if (answers.down) throw new Error('auth is unavailable');
      assert.ok(publicKey && proof);
      const proven = verifyKeyProof({
        proof,
        publicKeySpki: publicKey,
        issuer: IDENTITY,
        audience: AUTH,
        clock,
      });
      if (answers.revoked.has(proven.kid)) {
        const code = 'auth.key_revoked';
        throw new GatehouseError({ code, kind: 'FAILED_PRECONDITION', message: 'revoked' });
      }
      registered.push(proven.kid);
      return create(RegisterPassportKeyResponseSchema, {
        kid: proven.kid,
        issuer: answers.issuer,
        leaseExpiresAt: timestampFromMs(clock.nowMs() + LEASE_MS),
        heartbeatSeconds: 120,
      });
    },
    wait: (ms, signal) =>
      new Promise((resolve, reject) => {
        waits.push(ms);
        wake = () => resolve(undefined);
        signal.addEventListener('abort', () => reject(signal.reason));
        asleep.resolve();
      }),
  });
  return {
    key,
    clock,
    events,
    waits,
    answers,
    registered,
    /** Lets time pass and the next attempt happen. */
    beat: async (ms: number) => {
      asleep = Promise.withResolvers<void>();
      clock.advance(ms);
      wake();
      await asleep.promise;
    },
    firstAttempt: () => asleep.promise,
    /** Resolves after the next attempt. */
    nextAttempt: () => {
      asleep = Promise.withResolvers<void>();
      return asleep.promise;
    },
  };
}

test('the key is used only once it is registered and known to those who verify', async (t) => {
  const { key, clock, firstAttempt, events, waits } = setUp();
  t.after(() => key.close());
  assert.equal(key.signer(), undefined);
  key.start();
  await firstAttempt();
  assert.equal(key.signer(), undefined);
  clock.advance(1000);
  assert.equal(key.signer()?.alg, 'ES256');
  assert.equal(events[0]?.kind, 'registered');
  assert.deepEqual(waits, [120_000]);
});

test('heartbeats keep the lease without a pause in signing', async (t) => {
  const { key, clock, firstAttempt, beat } = setUp();
  t.after(() => key.close());
  key.start();
  await firstAttempt();
  clock.advance(1000);
  const first = key.signer();
  for (let i = 0; i < 10; i += 1) {
    await beat(120_000);
    assert.equal(key.signer(), first);
  }
});

test('signing stops before the lease ends, and comes back with it', async (t) => {
  const { key, clock, firstAttempt, beat, answers, events, waits } = setUp();
  t.after(() => key.close());
  key.start();
  await firstAttempt();
  clock.advance(1000);
  answers.down = true;
  await beat(1);
  assert.ok((waits.at(-1) ?? 0) <= 200, 'the first repeat comes soon');
  assert.equal(events.at(-1)?.kind, 'failed');
  assert.ok(key.signer());
  await beat(LEASE_MS - 65_000);
  assert.equal(key.signer(), undefined);
  answers.down = false;
  await beat(1);
  assert.equal(key.signer(), undefined);
  clock.advance(1000);
  assert.ok(key.signer());
});

test('a machine that slept past the lease renews at the next request, not at the next heartbeat', async (t) => {
  const { key, clock, nextAttempt, firstAttempt, events } = setUp();
  t.after(() => key.close());
  key.start();
  await firstAttempt();
  clock.advance(1000);
  assert.ok(key.signer());
  const attempt = nextAttempt();
  clock.advance(2 * LEASE_MS);
  assert.equal(key.signer(), undefined);
  await attempt;
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['registered', 'registered'],
  );
  clock.advance(1000);
  assert.ok(key.signer());
});

test('failures back off, to five seconds at most', async (t) => {
  const { key, firstAttempt, beat, answers, waits } = setUp();
  t.after(() => key.close());
  answers.down = true;
  key.start();
  await firstAttempt();
  for (let i = 0; i < 10; i += 1) await beat(1);
  assert.ok(waits.every((ms) => ms >= 100 && ms <= 5000));
  assert.ok((waits.at(-1) ?? 0) >= 2500);
});

test('a lease for another identity is none', async (t) => {
  const { key, clock, firstAttempt, answers } = setUp();
  t.after(() => key.close());
  answers.issuer = AUTH;
  key.start();
  await firstAttempt();
  clock.advance(1000);
  assert.equal(key.signer(), undefined);
});

test('two gateways have two keys', async (t) => {
  const both = [setUp(), setUp()];
  for (const { key, clock, firstAttempt } of both) {
    t.after(() => key.close());
    key.start();
    await firstAttempt();
    clock.advance(1000);
  }
  assert.notEqual(both[0]?.key.signer()?.kid, both[1]?.key.signer()?.kid);
});

const HOUR_MS = 3600_000;

test('another key takes the place of one that is a day old: registered, waited for, then used', async (t) => {
  const { key, clock, firstAttempt, beat, registered } = setUp();
  t.after(() => key.close());
  key.start();
  await firstAttempt();
  clock.advance(1000);
  const first = key.signer()?.kid;
  for (let passed = 0; passed < 24 * HOUR_MS; passed += 120_000) {
    assert.equal(key.signer()?.kid, first);
    await beat(120_000);
  }
  const [second] = registered.filter((kid) => kid !== first);
  assert.ok(second !== undefined, 'the next one is registered');
  // The first goes on, and keeps its lease, until everyone has the second.
  for (let passed = 0; passed < 240_000; passed += 120_000) {
    assert.equal(key.signer()?.kid, first);
    await beat(120_000);
  }
  await beat(89_999);
  assert.equal(key.signer()?.kid, first);
  clock.advance(1);
  assert.equal(key.signer()?.kid, second);
  const renewals = registered.length;
  await beat(120_000);
  assert.deepEqual(registered.slice(renewals), [second]);
});

test('a revoked key is used no more, and another one is registered at once', async (t) => {
  const { key, clock, firstAttempt, nextAttempt, events, answers } = setUp();
  t.after(() => key.close());
  key.start();
  await firstAttempt();
  clock.advance(1000);
  const first = key.signer()?.kid ?? '';
  answers.revoked.add(first);
  key.revoke('another gateway’s');
  assert.equal(key.signer()?.kid, first);
  const attempt = nextAttempt();
  key.revoke(first);
  assert.equal(key.signer(), undefined);
  await attempt;
  clock.advance(999);
  assert.equal(key.signer(), undefined);
  clock.advance(1);
  assert.notEqual(key.signer()?.kid, first);
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['registered', 'revoked', 'registered'],
  );
});

test('a client that missed the message gets it with the next heartbeat', async (t) => {
  const { key, clock, firstAttempt, beat, answers } = setUp();
  t.after(() => key.close());
  key.start();
  await firstAttempt();
  clock.advance(1000);
  const first = key.signer()?.kid ?? '';
  answers.revoked.add(first);
  await beat(120_000);
  assert.equal(key.signer(), undefined);
  await beat(1);
  clock.advance(1000);
  assert.notEqual(key.signer()?.kid ?? first, first);
});

test('a key that is revoked while the next one waits is followed by that one without a pause', async (t) => {
  const { key, clock, firstAttempt, beat, nextAttempt, registered } = setUp({
    rotateAfterMs: 60_000,
  });
  t.after(() => key.close());
  key.start();
  await firstAttempt();
  await beat(60_000);
  const first = key.signer()?.kid ?? '';
  assert.equal(new Set(registered).size, 2);
  clock.advance(1000);
  const attempt = nextAttempt();
  key.revoke(first);
  assert.equal(key.signer()?.kid, registered.at(-1));
  await attempt;
});
