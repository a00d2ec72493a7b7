/** A platform as one sees and ends it from outside: with a real Postgres and one small part. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { reportOn, startPlatform, stopPlatform } from './index.ts';
import { fixturePart, freeOffset } from './supervisor/fixtures/parts.ts';
import { identityOf, isAlive } from './supervisor/processes.ts';

const SUPERVISOR = fileURLToPath(new URL('./supervisor/fixtures/supervisor.ts', import.meta.url));

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'gatehouse-status-'));
  t.after(() => rm(path, { recursive: true, force: true, maxRetries: 10 }));
  return path;
}

/** A platform in a process of its own, and its parts. */
async function separatePlatform(t: TestContext, dataDir: string) {
  const supervisor = spawn(process.execPath, [SUPERVISOR, dataDir, String(await freeOffset())], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => supervisor.kill('SIGKILL'));
  assert.ok(supervisor.stdout !== null);
  const [line]: Buffer[] = await once(supervisor.stdout, 'data');
  const pids: Record<string, number> = JSON.parse(String(line));
  const parts = Object.values(pids).flatMap((pid) => identityOf(pid) ?? []);
  assert.equal(parts.length, 2);
  return { supervisor, parts };
}

test('a report has every part with its state, ports, process and memory; none when it is stopped', async (t) => {
  const dataDir = await folder(t);
  assert.equal(await reportOn(dataDir), undefined);
  assert.equal(await reportOn(join(dataDir, 'nowhere')), undefined);
  const portOffset = await freeOffset();
  const platform = await startPlatform({ dataDir, portOffset, services: [fixturePart()] });
  try {
    const report = await reportOn(dataDir);
    assert.deepEqual([report?.up, report?.portOffset], [true, portOffset]);
    assert.equal(report?.supervisorPid, process.pid);
    for (const { name, state, ports, pid, rssBytes = 0 } of report.parts) {
      const part = platform.parts.find((each) => each.name === name);
      assert.deepEqual([state, ports, pid], ['ready', part?.ports, part?.pid]);
      assert.ok(rssBytes > 1_000_000);
    }
    assert.equal(report.parts.length, 2);
  } finally {
    await platform.stop();
  }
  assert.equal(await reportOn(dataDir), undefined);
  assert.equal(await stopPlatform(dataDir, assert.fail), false);
});

test('a platform is stopped from outside, and waited for', async (t) => {
  const dataDir = await folder(t);
  const { supervisor } = await separatePlatform(t, dataDir);
  const exited = once(supervisor, 'exit');
  assert.equal(await stopPlatform(dataDir, () => undefined), true);
  await exited;
  assert.equal(await reportOn(dataDir), undefined);
});

test('what a killed supervisor left is ended', async (t) => {
  const dataDir = await folder(t);
  const { supervisor, parts } = await separatePlatform(t, dataDir);
  // One that cannot notice: stopped, it handles neither the end of its channel nor a signal.
  const fixture = parts.find(({ command }) => command.includes('part.ts'));
  assert.ok(fixture !== undefined);
  process.kill(fixture.pid, 'SIGSTOP');
  const exited = once(supervisor, 'exit');
  supervisor.kill('SIGKILL');
  await exited;
  const lines: string[] = [];
  assert.equal(await stopPlatform(dataDir, (line) => lines.push(line)), true);
  assert.ok(!parts.some(isAlive));
  assert.match(lines.join('\n'), /stopped fixture, left over from an earlier run/);
});
