import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { PlatformError } from '../errors.ts';
import { createLedger } from './ledger.ts';
import { takeLock } from './lock.ts';

async function dataFolder(t: TestContext): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'gatehouse-lock-'));
  t.after(() => rm(dataDir, { recursive: true }));
  return dataDir;
}

test('a folder has one platform; the error names its pid', async (t) => {
  const dataDir = await dataFolder(t);
  const lock = await takeLock(dataDir);
  const run = { portOffset: 0, startedAtMs: 0, parts: {} };
  await createLedger({ dataDir, run, onError: (error) => assert.fail(String(error)) }).written();
  await assert.rejects(takeLock(dataDir), (thrown: unknown) => {
    assert.ok(thrown instanceof PlatformError);
    assert.match(thrown.message, new RegExp(`in use .*\\(pid ${process.pid}\\)`));
    assert.match(thrown.remedy, new RegExp(`kill ${process.pid}`));
    return true;
  });
  lock.release();
});

test('a released lock can be taken again', async (t) => {
  const dataDir = await dataFolder(t);
  (await takeLock(dataDir)).release();
  (await takeLock(dataDir)).release();
});

test('a lock ends with its process, also at kill -9', async (t) => {
  const dataDir = await dataFolder(t);
  const program = `
    import { takeLock } from ${JSON.stringify(import.meta.resolve('./lock.ts'))};
    globalThis.held = await takeLock(${JSON.stringify(dataDir)});
    console.log('held');
    setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => holder.kill('SIGKILL'));
  assert.ok(holder.stdout !== null);
  await once(holder.stdout, 'data');
  await assert.rejects(takeLock(dataDir), PlatformError);
  const exited = once(holder, 'exit');
  holder.kill('SIGKILL');
  await exited;
  (await takeLock(dataDir)).release();
});
