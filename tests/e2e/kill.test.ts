/**
 * A platform of its own, as `gatehouse up` starts it. What dies is started again, and nothing that
 * was answered is lost: first each process in turn, then the supervisor.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { call } from './support/edge.ts';
import { logIn, type Person, signUp } from './support/people.ts';
import { freePortOffset } from './support/port-offset.ts';
import { crash, exists, partsOf, pidOf, supervisorPidOf } from './support/processes.ts';
import { until } from './support/until.ts';

const COMMAND = fileURLToPath(new URL('../../apps/cli/bin/gatehouse.js', import.meta.url));
const STARTED_WITHIN = { timeoutMs: 60_000, everyMs: 200 };

const portOffset = await freePortOffset();
const gateway = new URL(`http://127.0.0.1:${8080 + portOffset}`);
let dataDir: string;
let command: ChildProcess | undefined;
let person: Person;
let token: string;
const postIds: string[] = [];

/** Runs `gatehouse up` until it answers. */
async function up(): Promise<void> {
  const args = ['up', '--data', dataDir, '--port-offset', String(portOffset)];
  const started = spawn(process.execPath, [COMMAND, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  started.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  started.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  command = started;
  await until(
    'the platform is up',
    () => {
      assert.equal(started.exitCode, null, said);
      return said.includes('Gatehouse is up.');
    },
    STARTED_WITHIN,
  );
}

/** Asks every service, and finds all posts that were answered before. */
async function work(): Promise<true> {
  const sessions = await call('GET /auth/v1/sessions', { token, gateway });
  assert.equal(sessions.status, 200, sessions.text);
  const me = await call('GET /user/v1/users/me', { token, gateway });
  assert.equal(me.status, 200, me.text);
  const body = { title: 'Still here', body: 'as it was' };
  const post = await call<{ postId: string }>('POST /board/v1/posts', { token, gateway, body });
  assert.equal(post.status, 201, post.text);
  postIds.push(post.body.postId);
  for (const postId of postIds) {
    const read = await call(`GET /board/v1/posts/${postId}`, { token, gateway });
    assert.equal(read.status, 200, read.text);
  }
  return true;
}

before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'gatehouse-kill-'));
  await up();
  person = await signUp({ gateway });
  token = (await logIn(person, { gateway })).accessToken;
  await work();
});

after(async () => {
  command?.kill('SIGKILL');
  await rm(dataDir, { recursive: true, force: true });
});

test('each process that is killed is started again, and works', async () => {
  const parts = partsOf(dataDir);
  assert.deepEqual(parts.toSorted(), [
    'auth',
    'board',
    'core',
    'extension',
    'gateway',
    'postgres',
    'user',
  ]);
  for (const part of parts) {
    await crash(dataDir, part);
    await until(`the platform works after ${part} was killed`, work, STARTED_WITHIN);
  }
});

test('a start after the supervisor was killed works, and the data is there', async () => {
  const left = partsOf(dataDir).map((part) => pidOf(dataDir, part));
  process.kill(supervisorPidOf(dataDir), 'SIGKILL');
  await up();
  for (const pid of left) assert.ok(!exists(pid), `process ${pid} of the first start still runs`);
  await work();
  token = (await logIn(person, { gateway })).accessToken;
  await work();
});

test('a stop that is asked for ends everything, with exit code 0', async () => {
  const running = [
    ...partsOf(dataDir).map((part) => pidOf(dataDir, part)),
    supervisorPidOf(dataDir),
  ];
  assert.ok(command !== undefined);
  const exited = once(command, 'exit');
  command.kill('SIGINT');
  assert.deepEqual(await exited, [0, null]);
  for (const pid of running) assert.ok(!exists(pid), `process ${pid} still runs`);
});
