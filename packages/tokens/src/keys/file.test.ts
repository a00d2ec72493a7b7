import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ecKey, rsaKey, testClock } from '../test-support/forge.ts';
import { ecJwk, rsaJwk } from '../test-support/key-server.ts';
import { createFileKeySet, type FileKeySetOptions } from './file.ts';

function setUp(t: TestContext, options: Partial<FileKeySetOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-keys-'));
  const path = join(folder, 'keys.json');
  const clock = testClock();
  const refreshed: (() => void)[] = [];
  const keySet = createFileKeySet({
    path,
    clock,
    onEvent: (event) => event.type === 'refreshed' && refreshed.shift()?.(),
    ...options,
  });
  t.after(() => {
    keySet.close();
    rmSync(folder, { recursive: true });
  });
  const write = (content: string) => {
    // As whoever writes keys should: whole or not at all.
    writeFileSync(`${path}.new`, content);
    renameSync(`${path}.new`, path);
  };
  const nextRefresh = () => new Promise<void>((resolve) => refreshed.push(resolve));
  return { keySet, clock, path, write, nextRefresh };
}

const set = (...keys: object[]) => JSON.stringify({ keys });

test('a file of keys is read at the start, and again when it changes', async (t) => {
  const { keySet, write, nextRefresh } = setUp(t, { refreshIntervalMs: 20 });
  write(set(rsaJwk));
  await keySet.start();
  assert.ok(keySet.find(rsaKey.kid));
  write(set(ecJwk));
  // The pauses are unref'd on purpose; a test has to stay alive for them.
  const alive = setInterval(() => {}, 1_000);
  // Of two looks, the second began after the change.
  await nextRefresh();
  await nextRefresh();
  clearInterval(alive);
  assert.equal(keySet.find(rsaKey.kid), undefined);
  assert.ok(keySet.find(ecKey.kid));
});

test('an unknown kid makes it look at once, within its cool-down', async (t) => {
  const { keySet, clock, write } = setUp(t);
  write(set(rsaJwk));
  await keySet.start();
  write(set(rsaJwk, ecJwk));
  await keySet.refresh();
  assert.equal(keySet.find(ecKey.kid), undefined);
  clock.advanceMs(1_000);
  await keySet.refresh();
  assert.ok(keySet.find(ecKey.kid));
});

test('a file that is missing, broken or huge changes nothing', async (t) => {
  const { keySet, path, write } = setUp(t);
  await keySet.start();
  assert.equal(keySet.ready, false);
  write(set(rsaJwk));
  await keySet.reload();
  assert.ok(keySet.ready);
  for (const content of ['', '{"keys":[', ' '.repeat(256 * 1024 + 1)]) {
    write(content);
    await keySet.reload();
    assert.ok(keySet.find(rsaKey.kid));
    assert.ok(keySet.lastRefreshFailed);
  }
  rmSync(path);
  await keySet.reload();
  assert.ok(keySet.find(rsaKey.kid));
});

test('a file can hold a single public key', async (t) => {
  const { keySet, write } = setUp(t, { format: 'public-key' });
  write(rsaKey.publicKey.export({ format: 'pem', type: 'spki' }).toString());
  await keySet.start();
  assert.ok(keySet.find('')?.key.equals(rsaKey.publicKey));
});
