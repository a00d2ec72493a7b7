import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type KeyPurpose, type KeyTimes, placeKeys } from './rules.ts';

const NOW = new Date('2026-03-01T12:00:00Z');
const at = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);

function key(kid: string, signsFrom: number, more: Partial<KeyTimes> = {}): KeyTimes {
  const purpose: KeyPurpose = 'access';
  return {
    kid,
    purpose,
    createdAt: at(signsFrom),
    signsFrom: at(signsFrom),
    revokedAt: undefined,
    ...more,
  };
}

function statesAt(seconds: number, keys: readonly KeyTimes[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    placeKeys(keys, at(seconds)).map(({ key: { kid }, state }) => [kid, state]),
  );
}

test('a key is published, then signs, then retires for the longest life of its tokens', () => {
  const keys = [key('new', 900), key('old', -5000)];
  assert.deepEqual(statesAt(0, keys), { old: 'signing', new: 'published' });
  assert.deepEqual(statesAt(899, keys), { old: 'signing', new: 'published' });
  assert.deepEqual(statesAt(900, keys), { old: 'retiring', new: 'signing' });
  // 15 minutes of an access token, and three for clocks.
  assert.deepEqual(statesAt(900 + 1079, keys), { old: 'retiring', new: 'signing' });
  assert.deepEqual(statesAt(900 + 1080, keys), { old: 'retired', new: 'signing' });
});

test('a passport key retires sooner, since a passport lives a minute', () => {
  const passport = { purpose: 'passport' } as const;
  const keys = [key('new', 0, passport), key('old', -5000, passport)];
  assert.deepEqual(statesAt(239, keys), { old: 'retiring', new: 'signing' });
  assert.deepEqual(statesAt(240, keys), { old: 'retired', new: 'signing' });
});

test('a revoked key is revoked at once, whatever it was, and the others are placed without it', () => {
  const revokedAt = NOW;
  const keys = [
    key('old', -5000, { revokedAt }),
    key('pending', 600, { revokedAt }),
    key('new', 0),
  ];
  assert.deepEqual(statesAt(0, keys), { old: 'revoked', pending: 'revoked', new: 'signing' });
  assert.deepEqual(statesAt(9999, keys), { old: 'revoked', pending: 'revoked', new: 'signing' });
});

test('a replica whose clock lags behind an emergency signs with the new key all the same', () => {
  const keys = [key('old', -5000, { revokedAt: NOW }), key('new', 0)];
  assert.deepEqual(statesAt(-30, keys), { old: 'revoked', new: 'signing' });
});

test('the only key never retires', () => {
  assert.deepEqual(statesAt(10 ** 9, [key('only', 0)]), { only: 'signing' });
  const [placed] = placeKeys([key('only', 0)], NOW);
  assert.equal(placed?.publishedUntil, undefined);
});
