/** Sources of keys of this package, each put through what all of them must do. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keySourceSuite } from '@gatehouse/testing';
import { answer } from '../test-support/key-server.ts';
import { createFileKeySet } from './file.ts';
import { createRemoteKeySet } from './remote.ts';
import { createStaticKeySet } from './static.ts';

keySourceSuite('static', (_t, { document }) => createStaticKeySet(document));

keySourceSuite('remote', async (t, { document }) => {
  const keySet = createRemoteKeySet({
    url: 'https://auth.example/.well-known/jwks.json',
    fetchDocument: async () => answer([...document.keys]),
  });
  t.after(() => keySet.close());
  await keySet.start();
  return keySet;
});

keySourceSuite('file', async (t, { document }) => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-keys-'));
  const path = join(folder, 'keys.json');
  await writeFile(path, JSON.stringify(document));
  const keySet = createFileKeySet({ path });
  t.after(async () => {
    keySet.close();
    await rm(folder, { recursive: true });
  });
  await keySet.start();
  return keySet;
});
