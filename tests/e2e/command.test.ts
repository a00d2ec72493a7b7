/** The command beside a platform that runs in the background: status, logs, explain, doctor, down. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { DemoUser } from '@gatehouse/platform';
import { call } from './support/edge.ts';
import { remember } from './support/ledger.ts';
import { logIn } from './support/people.ts';
import { freePortOffset } from './support/port-offset.ts';
import { crash, exists, pidOf } from './support/processes.ts';
import { until } from './support/until.ts';

const COMMAND = fileURLToPath(new URL('../../apps/cli/bin/gatehouse.js', import.meta.url));

interface PartRow {
  readonly name: string;
  readonly state: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly pid: number;
  readonly rssBytes: number;
}

interface Explained {
  readonly decision: string;
  readonly reason: string;
  readonly status?: number;
  readonly route: { readonly method: string; readonly upstream: readonly string[] };
}

let portOffset: number;
let dataDir: string;
let gateway: URL;

interface Said {
  readonly code: number;
  readonly out: string;
}

/** Runs the command on the platform of this file. */
function gatehouse(args: readonly string[], input = ''): Promise<Said> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [COMMAND, ...args, '--data', dataDir],
      (error, stdout, stderr) => {
        resolve({ code: Number(error?.code ?? 0), out: stdout + stderr });
      },
    );
    child.stdin?.end(input);
  });
}

async function status(): Promise<readonly PartRow[]> {
  return JSON.parse((await gatehouse(['status', '--json'])).out) as readonly PartRow[];
}

async function explain(asked: string, ...flags: readonly string[]): Promise<Explained> {
  const { out } = await gatehouse(['explain', ...asked.split(' '), '--json', ...flags]);
  return JSON.parse(out) as Explained;
}

async function memberToken(): Promise<string> {
  const text = await readFile(join(dataDir, 'demo.json'), 'utf8');
  const { users } = JSON.parse(text) as { readonly users: readonly DemoUser[] };
  const member = users.find(({ role }) => role === 'member');
  assert.ok(member);
  remember('password', member.password);
  return (await logIn(member, { gateway })).accessToken;
}

before(async () => {
  portOffset = await freePortOffset();
  gateway = new URL(`http://127.0.0.1:${8080 + portOffset}`);
  dataDir = await mkdtemp(join(tmpdir(), 'gatehouse-command-'));
  const flags = ['--detach', '--port-offset', String(portOffset), '--replicas', 'board=2'];
  const { code, out } = await gatehouse(['up', ...flags]);
  assert.equal(code, 0, out);
  assert.match(out, /Gatehouse is up\..*runs in the background: gatehouse status, logs, down/s);
});

after(async () => {
  await gatehouse(['down']);
  await rm(dataDir, { recursive: true, force: true, maxRetries: 10 });
});

test('status lists every part with its ports, its process and its memory', async () => {
  const parts = await status();
  const names = parts.map(({ name }) => name);
  for (const name of [
    'postgres',
    'auth',
    'user',
    'board',
    'board-2',
    'extension',
    'core',
    'gateway',
  ]) {
    assert.ok(names.includes(name), name);
  }
  for (const { name, state, pid, rssBytes } of parts) {
    assert.deepEqual([state, pid], ['ready', pidOf(dataDir, name)], name);
    assert.ok(rssBytes > 1_000_000, name);
  }
  const { code, out } = await gatehouse(['status']);
  assert.equal(code, 0);
  assert.match(out, /Gatehouse is up.*board-2 +ready/s);
});

test('a part that was killed shows, and comes back', async () => {
  const before = pidOf(dataDir, 'board');
  await crash(dataDir, 'board');
  const back = async () =>
    (await status()).find(({ name, state }) => name === 'board' && state === 'ready');
  const part = await until('board is ready again', back, { timeoutMs: 60_000, everyMs: 500 });
  assert.notEqual(part.pid, before);
});

test('a second platform on the same folder is refused, with what to do', async () => {
  const { code, out } = await gatehouse(['up', '--detach', '--port-offset', String(portOffset)]);
  assert.equal(code, 1);
  assert.match(out, /in use by a running platform.*gatehouse down/s);
});

test('logs are told in words, of one part or of all', async () => {
  const { out } = await gatehouse(['logs', 'board', '--lines', '1000']);
  assert.match(out, /^board {2}\d\d:\d\d:\d\d {2}info +listening {2}listener=grpc {2}port=\d+/m);
  assert.match((await gatehouse(['logs'])).out, /^gateway /m);
  const wrong = await gatehouse(['logs', 'bord']);
  assert.deepEqual([wrong.code, /Did you mean "board"\?/.test(wrong.out)], [2, true]);
});

test('routes lists what the edge has', async () => {
  const { code, out } = await gatehouse(['routes']);
  assert.equal(code, 0);
  assert.match(out, /POST +\/board\/v1\/posts +signed in, scope board:write/);
});

test('explain says what the edge then does', async () => {
  const token = await memberToken();
  for (const [line, as, status] of [
    ['GET /board/v1/posts', undefined, 401],
    ['GET /board/v1/posts', token, 200],
    ['PUT /auth/v1/users/usr_x/roles', token, 403],
    ['GET /nowhere', token, 404],
    ['DELETE /board/v1/posts', token, 405],
  ] as const) {
    const said = await explain(line, ...(as === undefined ? [] : ['--as', as]));
    const answer = await call(line, { gateway, ...(as === undefined ? {} : { token: as }) });
    assert.equal(answer.status, status, answer.text);
    assert.equal(said.decision === 'allow' ? 200 : said.status, status, line);
  }
});

test('explain asks as a demo user, and shows every replica that may be called', async () => {
  const said = await explain('GET /board/v1/posts/1', '--as', 'member');
  assert.equal(said.decision, 'allow');
  assert.equal(said.route.method, 'gatehouse.board.v1.BoardService/GetPost');
  assert.equal(said.route.upstream.length, 2);
});

test('a token is verified by the platform that runs, and is not shown again', async () => {
  const token = await memberToken();
  const good = await gatehouse(['token', 'inspect'], token);
  assert.equal(good.code, 0, good.out);
  assert.match(good.out, /^access token.*valid: .*its session is active/s);
  const forged = `${token.slice(0, token.lastIndexOf('.'))}.${'A'.repeat(342)}`;
  const bad = await gatehouse(['token', 'inspect', '-'], forged);
  assert.equal(bad.code, 1);
  assert.match(bad.out, /INVALID: /);
  for (const { out } of [good, bad]) assert.ok(!out.includes(token.slice(-40)));
});

test('the doctor finds nothing wrong', async () => {
  const { code, out } = await gatehouse(['doctor', '--port-offset', String(portOffset)]);
  assert.equal(code, 0, out);
  assert.match(out, /ok +gateway +ready/);
});

test('down stops every process; the log of the supervisor says so', async () => {
  const pids = (await status()).map(({ pid }) => pid);
  const { code, out } = await gatehouse(['down']);
  assert.deepEqual([code, /^Stopped\./.test(out)], [0, true], out);
  for (const pid of pids) assert.ok(!exists(pid), `process ${pid} still runs`);
  assert.match((await gatehouse(['logs', 'supervisor'])).out, /gateway +stopped/);
  // Of the supervisor only it can tell: in a container nobody may have collected its exit code.
  assert.match((await gatehouse(['status'])).out, /Nothing runs/);
});
