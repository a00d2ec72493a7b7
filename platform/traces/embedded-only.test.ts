/** Traces are kept and shown in the embedded default, and never beside a database of one's own. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Platform, startPlatform, TRACES_PORT } from '../index.ts';
import { fixturePart, freeOffset } from '../supervisor/fixtures/parts.ts';

/** A platform of Postgres, where it is embedded, and one small part. */
async function platformOf(folder: string): Promise<{ platform: Platform; portOffset: number }> {
  const portOffset = await freeOffset();
  const services = [fixturePart()];
  return {
    platform: await startPlatform({ dataDir: folder, portOffset, services }),
    portOffset,
  };
}

async function folders(t: TestContext): Promise<readonly [string, string]> {
  const parent = await mkdtemp(join(tmpdir(), 'gatehouse-traces-'));
  t.after(() => rm(parent, { recursive: true, force: true }));
  return [join(parent, 'embedded'), join(parent, 'own')];
}

/** What the process of the small part was told. */
async function told({ parts }: Platform): Promise<readonly string[]> {
  const pid = parts.find(({ name }) => name === 'fixture')?.pid;
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
  return environment.split('\0').filter((line) => line.startsWith('GATEHOUSE_TRACE_VIEW='));
}

test('a part is told of the collector in the embedded default only', async (t) => {
  const [embeddedFolder, ownFolder] = await folders(t);
  const embedded = await platformOf(embeddedFolder);
  const { tracesUrl } = embedded.platform;
  try {
    assert.equal(tracesUrl, `http://127.0.0.1:${TRACES_PORT + embedded.portOffset}`);
    assert.equal((await fetch(`${tracesUrl}/traces`)).status, 200);
    assert.deepEqual(await told(embedded.platform), [`GATEHOUSE_TRACE_VIEW=${tracesUrl}`]);

    const password = await readFile(join(embeddedFolder, 'keys', 'postgres'), 'utf8');
    const port = embedded.platform.ports.postgres?.sql;
    process.env.DATABASE_URL = `postgres://postgres:${password.trim()}@127.0.0.1:${port}/postgres`;
    const own = await platformOf(ownFolder);
    try {
      assert.equal(own.platform.tracesUrl, undefined);
      assert.deepEqual(await told(own.platform), []);
      const collector = `http://127.0.0.1:${TRACES_PORT + own.portOffset}/traces`;
      await assert.rejects(fetch(collector), TypeError);
    } finally {
      await own.platform.stop();
    }
  } finally {
    delete process.env.DATABASE_URL;
    await embedded.platform.stop();
  }
  await assert.rejects(fetch(`${tracesUrl}/traces`), TypeError);
});
