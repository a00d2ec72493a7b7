import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { writePrivate } from '../files.ts';
import { identityOf, isAlive, type ProcessIdentity } from './processes.ts';
import { endLeftovers, readState, writeState } from './state.ts';

async function setUp(t: TestContext) {
  const dataDir = await mkdtemp(join(tmpdir(), 'gatehouse-state-'));
  t.after(() => rm(dataDir, { recursive: true }));
  return { dataDir, stateFile: join(dataDir, 'run', 'state.json') };
}

async function idleProcess(t: TestContext): Promise<[ChildProcess, ProcessIdentity]> {
  const child = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  t.after(() => child.kill('SIGKILL'));
  assert.ok(child.stdout !== null && child.pid !== undefined);
  await once(child.stdout, 'data');
  const identity = identityOf(child.pid);
  assert.ok(identity !== undefined);
  return [child, identity];
}

test('what an earlier run left is ended, told, and forgotten', async (t) => {
  const { dataDir } = await setUp(t);
  const [child, identity] = await idleProcess(t);
  const exited = once(child, 'exit');
  await writeState(dataDir, { processes: { board: identity } });
  const lines: string[] = [];
  await endLeftovers(dataDir, (line) => lines.push(line));
  await exited;
  assert.deepEqual(lines, [`stopped board, left over from an earlier run (pid ${identity.pid})`]);
  assert.deepEqual(await readState(dataDir), { processes: {} });
});

test('another process that has the pid by now is left alone', async (t) => {
  const { dataDir } = await setUp(t);
  const [, identity] = await idleProcess(t);
  const earlier = { ...identity, startTime: `${identity.startTime}0` };
  const otherProgram = { ...identity, command: 'another program' };
  await writeState(dataDir, { processes: { board: earlier, user: otherProgram } });
  await endLeftovers(dataDir, (line) => assert.fail(line));
  assert.ok(isAlive(identity));
});

test('a process that has ended is not alive, even before anyone asked for its exit code', async (t) => {
  const [child, identity] = await idleProcess(t);
  assert.ok(isAlive(identity));
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
  assert.ok(!isAlive(identity));
});

test('a missing or damaged state file means that nothing is known to run', async (t) => {
  const { dataDir, stateFile } = await setUp(t);
  assert.deepEqual(await readState(dataDir), { processes: {} });
  for (const damaged of ['', '{"processes":', '[]', '{"processes":{"board":{"pid":-1}}}']) {
    await writePrivate(stateFile, damaged);
    assert.deepEqual(await readState(dataDir), { processes: {} });
  }
});
