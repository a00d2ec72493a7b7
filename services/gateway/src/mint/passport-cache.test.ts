import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Asking } from '../decide/request.ts';
import type { EdgeClaims } from '../identify/edge-claims.ts';
import { httpRoute } from '../test-support/http-route.ts';
import { createPassportCache } from './passport-cache.ts';

const CLAIMS: EdgeClaims = { iss: 'i', sub: 'usr_1', scope: '', roles: [], exp: 1 };
const route = (name: string) => ({ id: name, rule: httpRoute().rule });
const READ = route('read');
const asked = (change: Partial<Asking> & { readonly claims?: EdgeClaims } = {}): Asking => {
  const { claims = CLAIMS, ...rest } = change;
  const identity = { token: 'token', claims };
  return { verb: 'GET', route: READ, address: '192.0.2.1', identity, ...rest };
};
const KID = 'k1';

function setUp() {
  const time = { nowMs: 1000 };
  const cache = createPassportCache({ nowMs: () => time.nowMs });
  return {
    time,
    find: (asking: Asking, kid = KID) => cache.find(asking, kid),
    keep: (asking: Asking, passport: string) => cache.keep(asking, KID, passport),
  };
}

test('an equal request shares the passport, and no other does', () => {
  const { find, keep } = setUp();
  keep(asked(), 'passport');
  assert.equal(find(asked()), 'passport');
  const others = [{ claims: { ...CLAIMS } }, { route: route('read') }, { address: '192.0.2.2' }];
  for (const other of others) assert.equal(find(asked(other)), undefined);
  assert.equal(find(asked(), 'k2'), undefined);
});

test('for ten seconds, and whatever comes meanwhile', () => {
  const { find, keep, time } = setUp();
  keep(asked(), 'passport');
  time.nowMs += 9_999;
  keep(asked({ claims: { ...CLAIMS } }), 'of somebody else');
  keep(asked({ address: '192.0.2.9' }), 'from elsewhere');
  assert.equal(find(asked()), 'passport');
  time.nowMs += 1;
  assert.equal(find(asked()), undefined);
  assert.equal(find(asked({ address: '192.0.2.9' })), 'from elsewhere');
});

test('a crowd pushes out who came before it, and nobody who came lately', () => {
  const { find, keep } = setUp();
  keep(asked(), 'passport');
  const admitCrowd = (count: number): void => {
    for (let i = 0; i < count; i += 1) keep(asked({ claims: { ...CLAIMS } }), 'other');
  };
  admitCrowd(20_000);
  assert.equal(find(asked()), 'passport');
  admitCrowd(20_000);
  assert.equal(find(asked()), undefined);
});

test('one token keeps sixteen at most', () => {
  const { find, keep } = setUp();
  for (let i = 0; i < 20; i += 1) keep(asked({ address: `192.0.2.${i}` }), `${i}`);
  const kept = Array.from({ length: 20 }, (_, i) => find(asked({ address: `192.0.2.${i}` })));
  assert.deepEqual(
    kept,
    kept.map((_, i) => (i < 4 ? undefined : `${i}`)),
  );
});
