/** `gatehouse new service` as a newcomer uses it, in a copy of the clone: made, tested, started, called. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { changes, copyClone, isHandWritten, snapshot } from './support/copied-clone.ts';
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
  const file = join(root, '.cache', 'spans.jsonl');
  await mkdir(join(root, '.cache'));
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

/** Every file of the copy, by the digest of what is in it. */
let pristine: ReadonlyMap<string, string>;

const SCOPE = 'option (gatehouse.access.v1.scope) = {name: "notes:read" role: MEMBER};';
const METHOD = `  // How many items the caller has.
  rpc CountItems(CountItemsRequest) returns (CountItemsResponse) {
    option (google.api.http) = {get: "/notes/v1/items/count"};
    option (gatehouse.access.v1.rule) = {subject: SIGNED_IN scopes: "notes:read"};
  }
`;
const MESSAGES = `message CountItemsRequest {}

message CountItemsResponse {
  int32 count = 1;
}
`;
const HANDLER = `  const service = implement(NotesService, {
    async countItems(_request, { subject }) {
      const items = database.read.selectFrom('item').where('owner_id', '=', subject.id);
      return { count: (await items.select('item_id').execute()).length };
    },
`;

/** Replaces texts, each of which is there once. */
async function edit(path: string, texts: readonly (readonly [string, string])[]): Promise<void> {
  let text = await readFile(join(root, path), 'utf8');
  for (const [before, after] of texts) {
    assert.equal(text.split(before).length, 2, `${path} has "${before}" once`);
    text = text.replace(before, () => after);
  }
  await writeFile(join(root, path), text);
}

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

test('six files are made in two folders, and no other hand-written file is changed', async () => {
  pristine = await snapshot(root);
  const { code, said } = await gatehouse('new', 'service', 'notes');
  assert.equal(code, 0, said);
  assert.match(said, /What to do next\n {2}npm test -- services\/notes/);
  const made = [
    'proto/gatehouse/notes/v1/notes.proto',
    'services/notes/migrations/0001_notes.sql',
    'services/notes/package.json',
    'services/notes/service.json',
    'services/notes/src/app.test.ts',
    'services/notes/src/app.ts',
  ];
  const changed = changes(pristine, await snapshot(root));
  assert.deepEqual(changed.filter(isHandWritten), made);
  for (const path of made) {
    assert.ok(said.includes(path), path);
    const lines = (await readFile(join(root, path), 'utf8')).split('\n').length;
    assert.ok(lines < 100, `${path} has ${lines} lines`);
  }
});

test('one that speaks plain HTTP has six files too, and its own test passes', async () => {
  const before = await snapshot(root);
  const { code, said } = await gatehouse('new', 'service', 'tickets', '--http');
  assert.equal(code, 0, said);
  const changed = changes(before, await snapshot(root)).filter(isHandWritten);
  assert.equal(changed.length, 6);
  for (const path of changed) assert.match(path, /^(services|proto\/gatehouse)\/tickets\//);
  const own = await node(['--test', 'services/tickets/src/app.test.ts']);
  assert.equal(own.code, 0, own.said);
  assert.match(own.said, /pass 2\b/);
});

test('a second one of that name is rejected and changes nothing', async () => {
  const before = await snapshot(root);
  const again = await gatehouse('new', 'service', 'notes');
  assert.equal(again.code, 2);
  assert.match(again.said, /There is a part "notes" already/);
  assert.deepEqual(changes(before, await snapshot(root)), []);
});

test('when the code cannot be generated, everything is as before', async () => {
  const before = await snapshot(root);
  const broken = join(root, 'proto/gatehouse/broken.proto');
  await writeFile(broken, 'syntax = "proto3"; message {');
  const { code, said } = await gatehouse('new', 'service', 'other');
  await rm(broken);
  assert.equal(code, 1);
  assert.match(said, /broken\.proto/);
  assert.deepEqual(changes(before, await snapshot(root)), []);
});

test('a method is its contract and its handler; a scope is its contract', async () => {
  const before = await snapshot(root);
  await edit('proto/gatehouse/notes/v1/notes.proto', [
    ['service NotesService {', `${SCOPE}\nservice NotesService {\n${METHOD}`],
    ['message CreateItemRequest {', `${MESSAGES}\nmessage CreateItemRequest {`],
  ]);
  await edit('services/notes/src/app.ts', [
    ['  const service = implement(NotesService, {', HANDLER],
  ]);
  assert.equal((await node(['tools/generate.mjs'])).code, 0);
  assert.deepEqual(changes(before, await snapshot(root)).filter(isHandWritten), [
    'proto/gatehouse/notes/v1/notes.proto',
    'services/notes/src/app.ts',
  ]);
  // The two alone: that the rest compiles is seen elsewhere.
  const include = ['../services/notes', '../services/tickets', '../packages/contracts'];
  const project = join(root, '.cache/tsconfig.json');
  await writeFile(project, JSON.stringify({ extends: '../tsconfig.json', include, exclude: [] }));
  const types = await node(['node_modules/@typescript/native/bin/tsc', '--project', project]);
  assert.equal(types.code, 0, types.said);
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

  // The method and the scope that were added.
  const counted = await call<{ count: number }>('GET /notes/v1/items/count', { token, gateway });
  assert.deepEqual([counted.status, counted.body.count], [200, 1], counted.text);
  const mine = await logIn(person, { gateway, scope: 'notes:write' });
  const unread = { token: mine.accessToken, gateway };
  assert.equal((await call('GET /notes/v1/items/count', unread)).status, 403);

  const tickets = `http://127.0.0.1:${7470 + portOffset}/tickets/api/items/7`;
  assert.equal((await fetch(tickets, { method: 'POST' })).status, 401);

  await assertObserved(made.headers.get('x-request-id') ?? '', 7461 + portOffset);
});

test('deleting its two folders and generating removes it', async () => {
  for (const name of ['notes', 'tickets']) {
    await rm(join(root, `services/${name}`), { recursive: true });
    await rm(join(root, `proto/gatehouse/${name}`), { recursive: true });
  }
  assert.equal((await node(['tools/generate.mjs'])).code, 0);
  assert.deepEqual(changes(pristine, await snapshot(root)), []);
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
