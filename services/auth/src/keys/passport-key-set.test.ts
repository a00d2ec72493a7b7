import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestClock, keySourceSuite } from '@gatehouse/testing';
import { generateSigningKey } from '@gatehouse/tokens';
import { PassportKeySet } from './passport-key-set.ts';
import type { PassportKeyRow } from './passport-key-store.ts';

const AUTH = 'spiffe://gatehouse.local/auth';
const GATEWAY = 'spiffe://gatehouse.local/gateway';

function row(): PassportKeyRow {
  const { kid, publicKey } = generateSigningKey('ES256');
  const publicKeySpki = publicKey.export({ format: 'der', type: 'spki' });
  const now = new Date();
  return {
    kid,
    issuer: GATEWAY,
    publicKeySpki,
    registeredAt: now,
    leaseExpiresAt: now,
    revokedAt: undefined,
  };
}

/** A set whose reads are answered one by one, in whatever order the test likes. */
function heldSet() {
  const reads: PromiseWithResolvers<readonly PassportKeyRow[]>[] = [];
  const listLeasedSince = () => {
    const read = Promise.withResolvers<readonly PassportKeyRow[]>();
    reads.push(read);
    return read.promise;
  };
  const clock = createTestClock();
  const own = generateSigningKey('ES256');
  const ownKey = Object.freeze({ kid: own.kid, alg: own.alg, key: own.publicKey, issuer: AUTH });
  const ownKeys = {
    find: (kid: string) => (kid === own.kid ? ownKey : undefined),
    list: () => [ownKey],
    reload: async () => undefined,
  };
  const set = new PassportKeySet({ own: ownKeys, listLeasedSince, clock });
  return { set, reads, clock, own };
}

keySourceSuite('passport keys, of auth', (_t, { source, document }) => {
  const list = () => document.keys.flatMap(({ kid }) => source.find(kid) ?? []);
  const own = { find: (kid: string) => source.find(kid), list, reload: async () => undefined };
  return new PassportKeySet({ own, listLeasedSince: async () => [], clock: createTestClock() });
});

keySourceSuite('passport keys, leased by gateways', async (_t, { document, source }) => {
  const rows = document.keys.map(({ kid }) => {
    const publicKeySpki = source.find(kid)?.key.export({ format: 'der', type: 'spki' });
    return { ...row(), kid, publicKeySpki: publicKeySpki as Buffer };
  });
  const own = { find: () => undefined, list: () => [], reload: async () => undefined };
  const clock = createTestClock();
  const set = new PassportKeySet({ own, listLeasedSince: async () => rows, clock });
  await set.reload();
  return set;
});

test('the own key is there from the start, bound to auth', () => {
  const { set, own } = heldSet();
  assert.equal(set.find(own.kid)?.issuer, AUTH);
  assert.equal(set.find('another'), undefined);
});

test('whoever asks during a read waits for one that began afterwards, together with the others', async () => {
  const { set, reads } = heldSet();
  const key = row();
  const first = set.reload();
  const later = [set.reload(), set.reload(), set.reload()];
  reads[0]?.resolve([]);
  await first;
  await new Promise(setImmediate);
  assert.equal(reads.length, 2);
  reads[1]?.resolve([key]);
  await Promise.all(later);
  assert.equal(set.find(key.kid)?.issuer, GATEWAY);
});

test('a key is the same object for as long as it stays, and gone when it is not listed', async () => {
  const { set, reads } = heldSet();
  const key = row();
  const reload = async (rows: readonly PassportKeyRow[]) => {
    const done = set.reload();
    reads.at(-1)?.resolve(rows);
    await done;
  };
  await reload([key]);
  const before = set.find(key.kid);
  await reload([key, row()]);
  assert.equal(set.find(key.kid), before);
  await reload([]);
  assert.equal(set.find(key.kid), undefined);
});

test('while the database is unavailable the last valid set stays, and that is known', async () => {
  const { set, reads } = heldSet();
  const key = row();
  const first = set.reload();
  reads[0]?.resolve([key]);
  await first;
  const second = set.reload();
  reads[1]?.reject(new Error('away'));
  await assert.rejects(second, /away/);
  assert.equal(set.lastRefreshFailed, true);
  assert.ok(set.find(key.kid));
});

test('unknown kids make it read at most once in a cool-down', async () => {
  const { set, reads, clock } = heldSet();
  const both = [set.refresh(), set.refresh()];
  assert.equal(reads.length, 1);
  reads[0]?.resolve([]);
  await Promise.all(both);
  await set.refresh();
  assert.equal(reads.length, 1);
  clock.advance(250);
  const second = set.refresh();
  assert.equal(reads.length, 2);
  reads[1]?.reject(new Error('away'));
  await second;
});
