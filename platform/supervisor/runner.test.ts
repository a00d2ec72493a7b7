import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PlatformError } from '../errors.ts';
import { systemTiming, type Timing } from '../timing.ts';
import { freePort } from './fixtures/parts.ts';
import { isReadyAt } from './readiness.ts';
import { createRunner } from './runner.ts';

const PART = fileURLToPath(new URL('./fixtures/part.ts', import.meta.url));
const LIMITS_MS = [12_000, 60_000];

/** Back-off takes no time and is noted; limits and polling are real. The clock stands until moved. */
function fakeTiming() {
  const backOffsMs: number[] = [];
  const clock = { nowMs: 0 };
  const timing: Timing = {
    nowMs: () => clock.nowMs,
    sleep: async (ms, signal) => {
      if (ms < 500 || LIMITS_MS.includes(ms)) return systemTiming.sleep(ms, signal);
      backOffsMs.push(ms);
    },
  };
  return { timing, clock, backOffsMs };
}

async function setUp(t: TestContext, env: Readonly<Record<string, string>> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-runner-'));
  const logFile = join(folder, 'fixture.log');
  await writeFile(logFile, 'of an earlier run\n');
  const port = await freePort();
  const fake = fakeTiming();
  const lines: string[] = [];
  const events = new EventEmitter();
  const onLine = (line: string) => {
    lines.push(line);
    if (line.includes('ready again')) events.emit('ready again');
  };
  const plan = {
    name: 'fixture',
    command: process.execPath,
    args: [PART],
    env: { GATEHOUSE_ADMIN_PORT: String(port), ...env },
    cwd: folder,
    logFile,
    stopSignal: 'SIGTERM',
    ipc: true,
    ready: () => isReadyAt(port),
  } as const;
  const runner = createRunner(plan, { onLine, onProcess: () => undefined }, fake.timing);
  t.after(async () => {
    await runner.stop();
    await rm(folder, { recursive: true });
  });
  const dieAndRevive = async () => {
    const revived = once(events, 'ready again');
    runner.kill('SIGKILL');
    await revived;
  };
  return { runner, lines, logFile, dieAndRevive, ...fake };
}

test('a part that exits is restarted, each time after twice as long, ten seconds at most', async (t) => {
  const { runner, lines, backOffsMs, dieAndRevive } = await setUp(t);
  await runner.start();
  const firstPid = runner.pid;
  for (let death = 0; death < 6; death += 1) await dieAndRevive();
  assert.deepEqual(backOffsMs, [500, 1_000, 2_000, 4_000, 8_000, 10_000]);
  assert.equal(lines[0], 'fixture exited (signal SIGKILL), restarting in 0.5 s');
  assert.match(lines[1] ?? '', /^fixture is ready again/);
  assert.equal(runner.state, 'ready');
  assert.notEqual(runner.pid, firstPid);
});

test('a part that was ready for a while is restarted after the shortest wait again', async (t) => {
  const { runner, clock, backOffsMs, dieAndRevive } = await setUp(t);
  await runner.start();
  await dieAndRevive();
  await dieAndRevive();
  clock.nowMs += 11_000;
  await dieAndRevive();
  await dieAndRevive();
  assert.deepEqual(backOffsMs, [500, 1_000, 500, 1_000]);
});

test('a stopped part drains and is not restarted', async (t) => {
  const { runner, lines, logFile } = await setUp(t);
  await runner.start();
  await runner.stop();
  assert.deepEqual([runner.state, runner.pid, lines], ['stopped', undefined, []]);
  assert.match(await readFile(logFile, 'utf8'), /part starts\npart drains\n$/);
});

test('a part that cannot start is tried three times, and shows its last lines', async (t) => {
  const { runner, backOffsMs } = await setUp(t, { PART_FAILS: '1' });
  await assert.rejects(runner.start(), (thrown: unknown) => {
    assert.ok(thrown instanceof PlatformError);
    assert.match(thrown.message, /^fixture failed to start \(exit code 1\)/);
    assert.match(thrown.message, /the settings are not valid/);
    assert.doesNotMatch(thrown.message, /earlier run/);
    assert.match(thrown.remedy, /fixture\.log/);
    return true;
  });
  assert.equal(backOffsMs.length, 2);
});

test('a part that says its configuration is wrong (exit code 78) is not retried', async (t) => {
  const { runner, backOffsMs } = await setUp(t, { PART_FAILS: '78' });
  await assert.rejects(runner.start(), /exit code 78/);
  assert.deepEqual(backOffsMs, []);
});

test('a missing program is an error like any other', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-runner-'));
  t.after(() => rm(folder, { recursive: true }));
  const plan = {
    name: 'nothing',
    command: join(folder, 'no-such-program'),
    args: [],
    env: {},
    cwd: folder,
    logFile: join(folder, 'log'),
    stopSignal: 'SIGTERM',
    ipc: false,
    ready: async () => false,
  } as const;
  const events = { onLine: () => undefined, onProcess: () => undefined };
  await assert.rejects(createRunner(plan, events, fakeTiming().timing).start(), /ENOENT/);
});
