/** `gatehouse new service` as a newcomer uses it, in a copy of the clone: made, tested, started, called. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { copyClone } from './support/copied-clone.ts';
import { call } from './support/edge.ts';
import { type OtlpReceiver, startOtlpReceiver } from './support/otlp-receiver.ts';
import { logIn, signUp } from './support/people.ts';
import { freePortOffset } from './support/port-offset.ts';
import { receivedSpans } from './support/spans.ts';
import { until } from './support/until.ts';

const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

let root: string;
let remove: () => Promise<void>;
let running: ChildProcess | undefined;
let spans: { readonly file: string; readonly receiver: OtlpReceiver };

before(async () => {
  ({ root, remove } = await copyClone());
  const file = join(root, 'spans.jsonl');
  spans = { file, receiver: await startOtlpReceiver(file) };
});

after(async () => {
  if (running !== undefined && running.exitCode === null) {
    running.kill('SIGINT');
    await once(running, 'exit');
  }
  await spans.receiver.close();
  await remove();
});

interface Ended {
  readonly code: number;
  readonly said: string;
}

/** Runs a program of Node in the copy, with an environment of its own. */
function node(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd: root, env: { PATH: SYSTEM_PATH, ...env } };
    const child = execFile(process.execPath, [...args], options, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, said: `${stdout}${stderr}` });
    });
  });
}

/** The command on a machine that has Node, and no Maven to fetch anything. */
async function gatehouse(...args: readonly string[]): Promise<Ended> {
  const bin = join(root, '.cache', 'only-node');
  await mkdir(bin, { recursive: true });
  await symlink(process.execPath, join(bin, 'node')).catch(() => undefined);
  return node(['apps/cli/bin/gatehouse.js', ...args], { PATH: bin });
}

test('five files are made and wired, and the command says what to do next', async () => {
  const { code, said } = await gatehouse('new', 'service', 'notes');
  assert.equal(code, 0, said);
  const made = /is made:\n((?: {2}.+\n)+)/.exec(said)?.[1]?.trim().split(/\s+/) ?? [];
  assert.equal(made.length, 5, said);
  for (const path of made) {
    const lines = (await readFile(join(root, path), 'utf8')).split('\n').length;
    assert.ok(lines < 100, `${path} has ${lines} lines`);
  }
  assert.match(said, /What to do next\n {2}npm test -- services\/notes/);
  const types = await node(['node_modules/@typescript/native/bin/tsc', '--noEmit']);
  assert.doesNotMatch(types.said, /notes|methods\.ts|parts\.ts/);
});

test('one that speaks plain HTTP has four files, and its own test passes', async () => {
  const { code, said } = await gatehouse('new', 'service', 'tickets', '--http');
  assert.equal(code, 0, said);
  const made = /is made:\n((?: {2}.+\n)+)/.exec(said)?.[1]?.trim().split(/\s+/) ?? [];
  assert.equal(made.length, 4, said);
  const types = await node(['node_modules/@typescript/native/bin/tsc', '--noEmit']);
  assert.doesNotMatch(types.said, /tickets|parts\.ts/);
  const own = await node(['--test', 'services/tickets/src/app.test.ts']);
  assert.equal(own.code, 0, own.said);
  assert.match(own.said, /pass 2\b/);
});

test('a second one of that name is refused and changes nothing', async () => {
  const parts = await readFile(join(root, 'platform/parts.ts'), 'utf8');
  const again = await gatehouse('new', 'service', 'notes');
  assert.equal(again.code, 2);
  assert.match(again.said, /There is a part "notes" already/);
  assert.equal(await readFile(join(root, 'platform/parts.ts'), 'utf8'), parts);
});

test('when the code cannot be generated, everything is as before', async () => {
  const broken = join(root, 'proto/gatehouse/broken.proto');
  await writeFile(broken, 'syntax = "proto3"; message {');
  const parts = await readFile(join(root, 'platform/parts.ts'), 'utf8');
  const { code, said } = await gatehouse('new', 'service', 'other');
  await rm(broken);
  assert.equal(code, 1);
  assert.match(said, /broken\.proto/);
  assert.equal(await readFile(join(root, 'platform/parts.ts'), 'utf8'), parts);
  assert.ok(!existsSync(join(root, 'services/other')));
  assert.ok(!existsSync(join(root, 'proto/gatehouse/other')));
});

test('its own test passes', async () => {
  const { code, said } = await node(['--test', 'services/notes/src/app.test.ts']);
  assert.equal(code, 0, said);
  assert.match(said, /pass 2\b/);
});

test('it starts with the others and answers through the gateway, to whom its rule says', async () => {
  const portOffset = await freePortOffset();
  running = await up(portOffset);
  const gateway = new URL(`http://127.0.0.1:${8080 + portOffset}`);
  const person = await signUp({ gateway });
  const { accessToken: token } = await logIn(person, { gateway });

  const line = 'POST /notes/v1/items';
  const made = await call<{ itemId: string; ownerId: string }>(line, {
    token,
    gateway,
    body: { text: 'Hello' },
  });
  assert.equal(made.status, 201, made.text);
  assert.equal(made.body.ownerId, person.userId);

  const nobody = await call(line, { gateway, body: { text: 'Hello' } });
  assert.equal(nobody.status, 401, nobody.text);
  const narrow = await logIn(person, { gateway, scope: 'board:read' });
  const unscoped = { token: narrow.accessToken, gateway, body: { text: 'Hello' } };
  assert.equal((await call(line, unscoped)).status, 403);
  const empty = await call(line, { token, gateway, body: { text: '' } });
  assert.equal(empty.status, 400);
  assert.match(empty.text, /"pointer":"\/text"/);

  const tickets = `http://127.0.0.1:${7470 + portOffset}/tickets/api/items/7`;
  assert.equal((await fetch(tickets, { method: 'POST' })).status, 401);

  await assertObserved(made.headers.get('x-request-id') ?? '', 7461 + portOffset);
});

/** Health, metrics and traces, without a line of the service's own. */
async function assertObserved(traceId: string, adminPort: number): Promise<void> {
  const ready = await fetch(`http://127.0.0.1:${adminPort}/readyz`);
  assert.equal(ready.status, 200);
  const metrics = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
  assert.match(metrics, /gatehouse\.notes\.v1\.NotesService\/CreateItem/);
  await until(
    'the span of its SQL',
    () =>
      receivedSpans(spans.file).some(
        (span) => span.traceId === traceId && span.name === 'INSERT gatehouse_notes',
      ),
    { timeoutMs: 20_000, everyMs: 200 },
  );
}

/** Runs the platform of the copy until it is up. */
async function up(portOffset: number): Promise<ChildProcess> {
  const data = join(root, '.gatehouse');
  const args = ['up', '--data', data, '--port-offset', String(portOffset)];
  const child = spawn(process.execPath, ['apps/cli/bin/gatehouse.js', ...args], {
    cwd: root,
    env: { PATH: SYSTEM_PATH, OTEL_EXPORTER_OTLP_ENDPOINT: spans.receiver.url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  await until(
    'the platform of the copy is up',
    () => {
      assert.equal(child.exitCode, null, said);
      return said.includes('Gatehouse is up.');
    },
    { timeoutMs: 60_000, everyMs: 200 },
  );
  return child;
}
