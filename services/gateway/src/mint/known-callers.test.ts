import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EdgeClaims } from '../identify/edge-claims.ts';
import type { HttpRoute } from '../route/http-route.ts';
import { createKnownCallers } from './known-callers.ts';

const CLAIMS: EdgeClaims = { iss: 'i', sub: 'usr_1', scope: '', roles: [], exp: 1 };
const route = (name: string) => ({ name }) as HttpRoute;
const READ = route('read');
const asked = (change: object = {}) => ({
  ...{ claims: CLAIMS, route: READ, address: '192.0.2.1', kid: 'k1' },
  ...change,
});

function setUp() {
  const time = { nowMs: 1000 };
  return { time, callers: createKnownCallers(() => time.nowMs) };
}

test('an equal request shares the passport, and no other does', () => {
  const { callers } = setUp();
  callers.admit(asked(), 'passport');
  assert.equal(callers.passport(asked()), 'passport');
  const others = [
    { claims: { ...CLAIMS } },
    { route: route('read') },
    { address: '192.0.2.2' },
    { kid: 'k2' },
  ];
  for (const other of others) assert.equal(callers.passport(asked(other)), undefined);
});

test('for ten seconds, and whatever comes meanwhile', () => {
  const { callers, time } = setUp();
  callers.admit(asked(), 'passport');
  time.nowMs += 9_999;
  callers.admit(asked({ claims: { ...CLAIMS } }), 'of somebody else');
  callers.admit(asked({ address: '192.0.2.9' }), 'from elsewhere');
  assert.equal(callers.passport(asked()), 'passport');
  time.nowMs += 1;
  assert.equal(callers.passport(asked()), undefined);
  assert.equal(callers.passport(asked({ address: '192.0.2.9' })), 'from elsewhere');
});

test('a crowd pushes out who came before it, and nobody who came lately', () => {
  const { callers } = setUp();
  callers.admit(asked(), 'passport');
  const admitCrowd = (count: number): void => {
    for (let i = 0; i < count; i += 1) callers.admit(asked({ claims: { ...CLAIMS } }), 'other');
  };
  admitCrowd(20_000);
  assert.equal(callers.passport(asked()), 'passport');
  admitCrowd(20_000);
  assert.equal(callers.passport(asked()), undefined);
});

test('one token keeps sixteen at most', () => {
  const { callers } = setUp();
  for (let i = 0; i < 20; i += 1) callers.admit(asked({ address: `192.0.2.${i}` }), `${i}`);
  const kept = Array.from({ length: 20 }, (_, i) =>
    callers.passport(asked({ address: `192.0.2.${i}` })),
  );
  assert.deepEqual(
    kept,
    kept.map((_, i) => (i < 4 ? undefined : `${i}`)),
  );
});
