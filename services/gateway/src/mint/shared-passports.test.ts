import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestClock } from '@gatehouse/testing';
import { createSharedPassports } from './shared-passports.ts';

const key = { token: 't', methodId: 'm', address: 'a', kid: 'k' };
const passport = { token: 'p', sessionId: 's' };

test('a passport is shared for ten seconds, by equals only', () => {
  const clock = createTestClock();
  const shared = createSharedPassports({ clock });
  shared.set(key, passport);
  for (const member of ['token', 'methodId', 'address', 'kid']) {
    assert.equal(shared.get({ ...key, [member]: 'other' }), undefined, member);
  }
  clock.advance(9_999);
  assert.equal(shared.get(key), 'p');
  clock.advance(1);
  assert.equal(shared.get(key), undefined);
});

test('the end of a session takes its passports', () => {
  const shared = createSharedPassports({ clock: createTestClock() });
  shared.set(key, passport);
  shared.set({ ...key, token: 'other' }, { token: 'q', sessionId: 'other' });
  shared.dropSession('s');
  assert.equal(shared.get(key), undefined);
  assert.equal(shared.get({ ...key, token: 'other' }), 'q');
});

test('it is bounded: the oldest goes first', () => {
  const shared = createSharedPassports({ clock: createTestClock(), maxEntries: 2 });
  for (const token of ['1', '2', '3']) shared.set({ ...key, token }, passport);
  assert.deepEqual(
    ['1', '2', '3'].map((token) => shared.get({ ...key, token })),
    [undefined, 'p', 'p'],
  );
});
