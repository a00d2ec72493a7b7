/** `gatehouse keys` on a running platform, as an operator types it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { target } from '../support/config.ts';
import { remember } from '../support/ledger.ts';
import { logIn, signUp } from '../support/people.ts';

const COMMAND = fileURLToPath(new URL('../../../apps/cli/bin/gatehouse.js', import.meta.url));

interface Key {
  readonly kid: string;
  readonly purpose: string;
  readonly state: string;
  readonly gateway?: string;
}

function keys(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly out: string }> {
  const words = [COMMAND, 'keys', ...args, '--data', target().dataDir];
  return new Promise((resolve) => {
    execFile(process.execPath, words, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), out: stdout + stderr });
    });
  });
}

async function listed(): Promise<readonly Key[]> {
  return JSON.parse((await keys('list', '--json')).out) as readonly Key[];
}

test('a key is published and listed; a second rotation says when the first will sign', async () => {
  const before = await listed();
  const states = before.map(
    ({ purpose, state, gateway }) => `${purpose} ${state} ${gateway ?? ''}`,
  );
  assert.ok(states.includes('access signing ') && states.includes('passport signing '));
  assert.ok(before.some(({ gateway }) => gateway === 'spiffe://gatehouse.local/gateway'));

  const rotated = await keys('rotate', '--json');
  assert.equal(rotated.code, 0, rotated.out);
  const { kid, state } = JSON.parse(rotated.out) as Key;
  assert.equal(state, 'published');
  const table = await keys('list');
  assert.match(table.out, new RegExp(`${kid}.*published.*signs in 1[45]`));
  const again = await keys('rotate');
  assert.equal(again.code, 1);
  assert.match(again.out, /auth\.rotation_under_way.*"gatehouse keys list" says when/s);
});

test('an unknown key cannot be revoked', async () => {
  const { code, out } = await keys('revoke', 'nothing');
  assert.equal(code, 1);
  assert.match(out, /There is no such key\. \(auth\.key_unknown\)/);
});

test('a new key-encryption key takes the place of the old one in the data folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-kek-'));
  try {
    const fresh = remember('key', randomBytes(32).toString('base64'));
    const file = join(folder, 'kek');
    await writeFile(file, fresh, { mode: 0o600 });
    const { code, out } = await keys('rewrap', '--new-kek', file);
    assert.equal(code, 0, out);
    assert.match(out, /\d private keys? encrypted/);
    assert.ok(!out.includes(fresh));
    const kek = await readFile(join(target().dataDir, 'keys', 'kek'), 'utf8');
    assert.equal(kek.trim(), fresh);
    await writeFile(file, 'no key');
    const bad = await keys('rewrap', '--new-kek', file);
    assert.match(bad.out, /is not a key-encryption key/);
    await logIn(await signUp());
  } finally {
    await rm(folder, { recursive: true });
  }
});
