import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { folderKeyStore, type KeyStore, memoryKeyStore } from './key-store.ts';
import { createRotatingKey } from './rotating-key.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ISSUER = 'https://edge.example';
/** Noon of a day: in the middle of a stretch. */
const NOON_MS = 20_000 * DAY_MS + 12 * HOUR_MS;

function rotating(t: TestContext, store: KeyStore = memoryKeyStore(), startMs = NOON_MS) {
  let nowMs = startMs;
  const faults: unknown[] = [];
  const clock = { nowMs: () => nowMs };
  const onFault = (fault: unknown): number => faults.push(fault);
  const key = createRotatingKey({ store, everyMs: DAY_MS, clock, onFault });
  t.after(() => key.close());
  return {
    faults,
    at: (ms: number) => {
      nowMs = ms;
    },
    signs: () => key.signer().kid,
    published: () => key.keySet(ISSUER).keys.map(({ kid }) => kid),
    keySet: () => key.keySet(ISSUER),
  };
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'gateway-keys-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test('a key is published before it signs, and after it has', (t) => {
  const key = rotating(t);
  const first = key.signs();
  assert.deepEqual(key.published(), [first]);
  const midnight = 20_001 * DAY_MS;
  key.at(midnight - HOUR_MS);
  const [, next] = key.published();
  assert.ok(next);
  assert.equal(key.signs(), first);
  key.at(midnight);
  assert.equal(key.signs(), next);
  assert.deepEqual(key.published(), [next, first]);
  key.at(midnight + 5 * 60_000);
  assert.deepEqual(key.published(), [next]);
});

test('whatever signs is in the key set that was fetched at any time up to an hour before', (t) => {
  const key = rotating(t);
  const seen: { readonly atMs: number; readonly kids: readonly string[] }[] = [];
  for (let ms = NOON_MS; ms < NOON_MS + 3 * DAY_MS; ms += 7 * 60_000) {
    key.at(ms);
    const signs = key.signs();
    for (const { atMs, kids } of seen) {
      if (ms - atMs < HOUR_MS - 60_000) assert.ok(kids.includes(signs), String(ms));
    }
    seen.push({ atMs: ms, kids: key.published() });
  }
  assert.equal(new Set(seen.flatMap(({ kids }) => kids)).size, 4);
});

test('the key set is public halves, each bound to the issuer', (t) => {
  const [jwk] = rotating(t).keySet().keys;
  assert.deepEqual(Object.keys(jwk ?? {}).sort(), [
    'alg',
    'crv',
    'iss',
    'kid',
    'kty',
    'use',
    'x',
    'y',
  ]);
  assert.equal(jwk?.iss, ISSUER);
});

test('keys in a folder outlive a restart, are shared by replicas, and are for this user alone', (t) => {
  const path = join(folder(t), 'keys');
  const first = rotating(t, folderKeyStore(path));
  const copy = rotating(t, folderKeyStore(path));
  assert.equal(first.signs(), copy.signs());
  copy.at(20_001 * DAY_MS - 60_000);
  first.at(20_001 * DAY_MS);
  assert.ok(copy.published().includes(first.signs()));
  assert.equal(rotating(t, folderKeyStore(path), 20_001 * DAY_MS).signs(), first.signs());
  for (const name of readdirSync(path)) {
    assert.equal(statSync(join(path, name)).mode & 0o777, 0o600, name);
  }
  first.at(20_002 * DAY_MS + HOUR_MS);
  first.published();
  assert.deepEqual(readdirSync(path), ['passport-20002.pem'], 'old ones are gone');
});

test('a key that others may read, or that is none, is not used', (t) => {
  const path = folder(t);
  rotating(t, folderKeyStore(path));
  const file = join(path, 'passport-20000.pem');
  chmodSync(file, 0o640);
  assert.throws(() => rotating(t, folderKeyStore(path)), /may be read by others/);
  chmodSync(file, 0o600);
  writeFileSync(file, 'no key');
  assert.throws(() => rotating(t, folderKeyStore(path)), /.+/);
});

test('when the next key cannot be had the last one goes on, and it is told', (t) => {
  const store = memoryKeyStore();
  let broken = false;
  const key = rotating(t, {
    ...store,
    keyOf: (generation) => {
      if (broken) throw new Error('no space left');
      return store.keyOf(generation);
    },
  });
  const first = key.signs();
  broken = true;
  key.at(20_001 * DAY_MS);
  assert.equal(key.signs(), first);
  assert.deepEqual(key.published(), [first]);
  assert.ok(key.faults.length > 0);
  broken = false;
  assert.notEqual(key.signs(), first);
});
