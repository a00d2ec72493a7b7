import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createTestAuthority } from '@gatehouse/testing';
import { filesBeside } from './named-files.ts';

test('files are looked for beside the file, and read before they are trusted', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-file-'));
  const authority = await createTestAuthority();
  t.after(async () => {
    rmSync(folder, { recursive: true });
    await authority.close();
  });
  const tls = await authority.folderFor('gateway');
  const files = filesBeside(folder);
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return files.resolve(name);
  };
  assert.equal(files.resolve('tls/a.pem'), join(folder, 'tls/a.pem'));
  assert.equal(files.resolve('/etc/a.pem'), '/etc/a.pem');
  assert.equal(files.pemFault(join(tls, 'chain.pem'), 'certificate'), undefined);
  assert.equal(files.pemFault(join(tls, 'key.pem'), 'key'), undefined);
  assert.match(files.pemFault(join(tls, 'key.pem'), 'certificate') ?? '', /holds no certificate/);
  assert.match(files.pemFault(join(tls, 'chain.pem'), 'key') ?? '', /holds no private key/);
  assert.match(
    files.pemFault(files.resolve('gone.pem'), 'key') ?? '',
    /There is no file .*gone\.pem/,
  );
  assert.match(files.pemFault(folder, 'key') ?? '', /cannot be read/);

  assert.equal(files.keySetFault(write('keys.json', '{"keys":[{}]}')), undefined);
  assert.match(files.keySetFault(write('none.json', '{"keys":[]}')) ?? '', /without keys/);
  assert.match(files.keySetFault(write('text.json', 'secret')) ?? '', /is not a key set/);
  assert.ok(!(files.keySetFault(write('text.json', 'secret')) ?? '').includes('secret'));
});
