/** The platform with a real Postgres and one small part: order, accidents, and what is left of them. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { deletePlatformData, PlatformError, startPlatform } from './index.ts';
import { fixturePart, freeOffset } from './supervisor/fixtures/parts.ts';
import { identityOf, isAlive, type ProcessIdentity } from './supervisor/processes.ts';
import { systemTiming } from './timing.ts';

const SUPERVISOR = fileURLToPath(new URL('./supervisor/fixtures/supervisor.ts', import.meta.url));

async function setUp(t: TestContext) {
  const dataDir = await mkdtemp(join(tmpdir(), 'gatehouse-platform-'));
  // The test runner runs such hooks first come, first served: what runs must end before its folder.
  const endings: (() => Promise<void>)[] = [];
  const atEnd = (ending: () => Promise<void>) => endings.unshift(ending);
  t.after(async () => {
    for (const ending of endings) await ending();
    await rm(dataDir, { recursive: true, force: true });
  });
  const lines: string[] = [];
  const events = new EventTarget();
  const onLine = (line: string) => {
    lines.push(line);
    events.dispatchEvent(new Event('line'));
  };
  const portOffset = await freeOffset();
  const lineLike = async (pattern: RegExp) => {
    while (!lines.some((line) => pattern.test(line))) await once(events, 'line');
  };
  const options = { dataDir, portOffset, services: [fixturePart()], onLine };
  return { dataDir, lines, options, lineLike, atEnd };
}

/** Starts a platform in a process of its own, and resolves with the pids of its parts. */
async function separatePlatform(t: TestContext, dataDir: string, portOffset: number) {
  const supervisor = spawn(process.execPath, [SUPERVISOR, dataDir, String(portOffset)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => supervisor.kill('SIGKILL'));
  assert.ok(supervisor.stdout !== null);
  const [line]: Buffer[] = await once(supervisor.stdout, 'data');
  const pids: Record<string, number> = JSON.parse(String(line));
  const parts = Object.values(pids).map((pid) => {
    const identity = identityOf(pid);
    assert.ok(identity !== undefined);
    return identity;
  });
  return { supervisor, parts };
}

async function killed(process: ChildProcess): Promise<void> {
  const exited = once(process, 'exit');
  process.kill('SIGKILL');
  await exited;
}

async function allEnd(processes: readonly ProcessIdentity[]): Promise<void> {
  while (processes.some(isAlive)) await systemTiming.sleep(20);
}

test('parts start in the order of their needs, stop in reverse, and start again on the same data', async (t) => {
  const { lines, options, dataDir } = await setUp(t);
  for (const _ of ['first', 'again']) {
    const platform = await startPlatform(options);
    assert.deepEqual(
      platform.parts.map(({ name, state }) => [name, state]),
      [
        ['postgres', 'ready'],
        ['fixture', 'ready'],
      ],
    );
    await platform.stop();
    const order = lines.splice(0).map((line) => line.split(/ +/).slice(0, 2).join(' '));
    assert.deepEqual(order, [
      'postgres ready',
      'fixture ready',
      'fixture stopped',
      'postgres stopped',
    ]);
  }
  assert.equal((await stat(join(dataDir, 'keys', 'kek'))).mode & 0o777, 0o600);
  const kek = await readFile(join(dataDir, 'keys', 'kek'), 'utf8');
  assert.equal(Buffer.from(kek, 'base64').length, 32);
});

test('a second platform on the folder is refused; so is deleting it', async (t) => {
  const { options, dataDir, atEnd } = await setUp(t);
  const platform = await startPlatform(options);
  atEnd(() => platform.stop());
  await assert.rejects(startPlatform(options), new RegExp(`in use .*pid ${process.pid}`));
  await assert.rejects(deletePlatformData(dataDir, assert.fail), PlatformError);
});

test('Postgres killed with -9 comes back by itself', async (t) => {
  const { options, lineLike, atEnd } = await setUp(t);
  const platform = await startPlatform(options);
  atEnd(() => platform.stop());
  platform.kill('postgres');
  await lineLike(/^postgres exited \(signal SIGKILL\)/);
  await lineLike(/^postgres is ready again/);
});

test('when the supervisor is killed with -9, its parts end by themselves', async (t) => {
  const { options, dataDir } = await setUp(t);
  const { supervisor, parts } = await separatePlatform(t, dataDir, options.portOffset);
  assert.equal(parts.length, 2);
  await killed(supervisor);
  await allEnd(parts);
});

test('the next start ends what a killed supervisor left, and starts', async (t) => {
  const { options, dataDir, atEnd } = await setUp(t);
  const { supervisor, parts } = await separatePlatform(t, dataDir, options.portOffset);
  // A part that cannot notice: stopped, it handles neither the end of its channel nor a signal.
  const fixture = parts.find(({ command }) => command.includes('part.ts'));
  assert.ok(fixture !== undefined);
  process.kill(fixture.pid, 'SIGSTOP');
  await killed(supervisor);
  const platform = await startPlatform(options);
  atEnd(() => platform.stop());
  assert.ok(!parts.some(isAlive));
});

test('a start that is called off stops what it had started', async (t) => {
  const { options, lines } = await setUp(t);
  const calledOff = new AbortController();
  const starting = startPlatform({
    ...options,
    signal: calledOff.signal,
    onLine: (line) => {
      options.onLine(line);
      calledOff.abort(new Error('asked to stop'));
    },
  });
  await assert.rejects(starting, /asked to stop/);
  assert.match(lines.at(-1) ?? '', /^postgres +stopped/);
});

test('a part that cannot start takes down what had been started', async (t) => {
  const { options, lines } = await setUp(t);
  const services = [fixturePart({ PART_FAILS: '78' })];
  await assert.rejects(startPlatform({ ...options, services }), /failed to start/);
  assert.match(lines.at(-1) ?? '', /^postgres +stopped/);
  const platform = await startPlatform(options);
  await platform.stop();
});

test('deleting the data leaves nothing', async (t) => {
  const { options, dataDir } = await setUp(t);
  await (await startPlatform(options)).stop();
  await deletePlatformData(dataDir, assert.fail);
  await assert.rejects(stat(dataDir), /ENOENT/);
});
