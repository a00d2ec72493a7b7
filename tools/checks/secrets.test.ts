import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { scanForSecrets } from './secrets.ts';

async function scanText(text: string) {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-secrets-'));
  try {
    const path = join(folder, 'sample.txt');
    await writeFile(path, text);
    return await scanForSecrets([path]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('a private key is found', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { ok, output } = await scanText(
    String(privateKey.export({ type: 'pkcs1', format: 'pem' })),
  );
  assert.equal(ok, false);
  assert.match(output, /private\s?key/i);
});

test('a file without one is fine', async () => {
  const { ok, output } = await scanText('nothing to see');
  assert.ok(ok, output);
});

test('to look at nothing is no success', async () => {
  assert.equal((await scanForSecrets([])).ok, false);
});
