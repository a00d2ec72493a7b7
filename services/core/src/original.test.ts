/** Core as a client of auth and extension as the original ones behave, token and all. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { CLIENT, type OriginalServers, startOriginals } from './test-support/original.ts';
import { NOON_MS, type Rig, runToTheEnd, startRig, TODAY } from './test-support/rig.ts';

let folder: string;
let originals: OriginalServers;
let rig: Rig;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-core-'));
  const secretFile = join(folder, 'secret');
  await writeFile(secretFile, `${CLIENT.clientSecret}\n`, { mode: 0o600 });
  originals = await startOriginals(NOON_MS);
  rig = await startRig({
    GATEHOUSE_HTTP_TARGETS: `extension=${originals.extensionUrl}`,
    GATEHOUSE_TOKEN_URL: originals.tokenUrl,
    GATEHOUSE_TOKEN_WIRE: 'original',
    GATEHOUSE_CLIENT_ID: CLIENT.clientId,
    GATEHOUSE_CLIENT_SECRET_FILE: secretFile,
  });
});

after(async () => {
  await rig.close();
  await originals.close();
  await rm(folder, { recursive: true });
});

async function valuesOf(day: string) {
  return rig.tables.read
    .selectFrom('asset_history')
    .select(['original_asset', 'multiplier', 'asset'])
    .where('day', '=', day)
    .execute();
}

test('a whole day goes by one token, and every digit arrives', async () => {
  const asset = 9_007_199_254_740_993n;
  await rig.seed(50, asset);
  const run = await runToTheEnd(rig.operator);
  assert.deepEqual([run.state, run.updated, run.failed], ['DONE', 50n, 0n]);
  assert.equal(originals.tokens, 1);
  const rows = await valuesOf(TODAY);
  assert.equal(rows.length, 50);
  for (const row of rows) {
    assert.deepEqual(row, {
      original_asset: asset,
      multiplier: '1.0123456789012345',
      asset: asset + 5n,
    });
  }
});

test('after a change of key the 401 fetches one new token, and no asset is missed', async () => {
  await rig.seed(30, 100n, 5_000);
  originals.changeKey();
  const run = await runToTheEnd(rig.operator);
  assert.deepEqual([run.state, run.failed], ['DONE', 0n]);
  assert.equal(originals.tokens, 2);
  assert.ok(originals.refused >= 1);
  assert.equal((await valuesOf(TODAY)).length, 80);
});
