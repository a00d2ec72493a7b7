/**
 * The guide "Put it before your own service", typed word for word into a shell in a fresh folder: an
 * Express and a Python service behind the standalone gateway, with an issuer that is not ours. Only the port
 * numbers and the folder are others, so that nothing that runs here is in the way.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { codeBlocksOf } from '../docs/support/markdown.ts';
import { tool } from './support/tool.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const GUIDE = join(ROOT, 'docs/guides/put-it-before-your-own-service.md');
const SAMPLE = 'examples/behind-the-gateway';
const PORTS_IN_GUIDE = ['8080', '7400', '9000', '3000', '3001'];
const FILES = ['gateway.yaml', 'orders.mjs', 'stock.py', 'issuer.mjs'];
const TEN_MINUTES_MS = 600_000;

const blocks = codeBlocksOf(await readFile(GUIDE, 'utf8'));
const commands = blocks.filter(({ language }) => language === 'sh');

let folder: string;
/** What each block of commands printed. */
let said: readonly string[] = [];
let tookMs = 0;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-guide-'));
  const ports = await freePorts(PORTS_IN_GUIDE.length);
  const inPlace = (text: string): string => {
    const moved = PORTS_IN_GUIDE.reduce(
      (all, port, at) => all.replaceAll(new RegExp(`\\b${port}\\b`, 'g'), `${ports[at]}`),
      text,
    );
    return moved.replaceAll('~/shop', join(folder, 'shop'));
  };
  // As much of a clone as the commands touch.
  const clone = join(folder, 'clone');
  await cp(join(ROOT, SAMPLE), join(clone, SAMPLE), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(clone, 'node_modules'));
  for (const name of FILES) {
    const path = join(clone, SAMPLE, name);
    await writeFile(path, inPlace(await readFile(path, 'utf8')));
  }
  const input = [
    `cd ${clone}; trap 'kill $(jobs -p) 2>/dev/null' EXIT`,
    ...commands.map(({ text }, at) => `printf '\\n=== ${at}\\n'\n${inPlace(text)}`),
  ].join('\n');
  const startedMs = performance.now();
  const { stdout, stderr } = await tool('bash', [], { input, timeoutMs: TEN_MINUTES_MS });
  tookMs = performance.now() - startedMs;
  said = `${stdout}`.split(/^=== \d+\n/m).slice(1);
  assert.equal(said.length, commands.length, stderr);
  said = [...said, stderr];
});

after(() => rm(folder, { recursive: true, force: true }));

/** The output of the block that has this text. */
function saidBy(text: string): string {
  const at = commands.findIndex((block) => block.text.includes(text));
  assert.ok(at !== -1, `no block of the guide has ${text}`);
  return said[at] ?? '';
}

/** The status of each answer in an output, in order. */
function statuses(output: string): readonly string[] {
  return [...output.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status = '']) => status);
}

test('every block of commands is one that was run', () => {
  assert.ok(commands.length >= 7);
  assert.deepEqual(new Set(commands.map(({ mark }) => mark)), new Set(['runnable']));
});

test('it comes up in ten minutes, and is ready', () => {
  assert.ok(tookMs < TEN_MINUTES_MS);
  const up = saidBy('--check\ngatehouse gateway --config gateway.yaml &');
  assert.match(up, /^gateway\.yaml is valid: 4 routes, 2 upstreams, 1 issuer\.$/m);
  assert.match(up, /"ready":true/);
  assert.match(said.at(-1) ?? '', /The gateway is up\./);
});

test('both services are reached by whom the rules say, with a passport that they verified', () => {
  const asked = saidBy('# 200, for ada');
  assert.deepEqual(statuses(asked), ['200', '401', '403', '200', '403'], asked);
  assert.match(asked, /"sub":"ada","scope":"orders:read"/);
  assert.match(asked, /www-authenticate: Bearer error="insufficient_scope", scope="orders:write"/i);
  assert.match(asked, /"item": "tea", "left": 42, "for": "anonymous:/);
  assert.match(asked, /this needs a passport of the gateway/);
  const written = saidBy('WRITER=');
  assert.deepEqual(statuses(written), ['201', '200'], written);
  assert.match(written, /"item":"milk","for":"ada"/);
  assert.match(written, /"left": 7, "by": "bob"/);
});

test('it says itself what its routes are, and why one is refused', () => {
  const explained = saidBy('gatehouse routes');
  assert.match(explained, /GET +\/orders +signed in, scope orders:read/);
  assert.match(explained, /PUT +\/stock\/\{item\} +signed in, role clerk/);
  assert.match(explained, /subject +ada/);
  assert.match(explained, /denied with 403 \(scope\)/);
});

test('a wrong file is told with its place and never takes effect; a right one does', () => {
  const changed = saidBy('rolls');
  assert.deepEqual(statuses(changed), ['200', '403'], changed);
  const problem = /gateway\.yaml:37:33: "rolls" is not known in "rule"\. Did you mean "roles"\?/;
  assert.match(said.at(-1) ?? '', problem);
});

test('what the guide shows of the sample is what the sample has', async () => {
  let shown = 0;
  for (const { mark = '', text } of blocks) {
    const [, how, name = ''] = /^(file|part of): (\S+)$/.exec(mark) ?? [];
    if (how === undefined) continue;
    const file = await readFile(join(ROOT, SAMPLE, name), 'utf8');
    if (how === 'file') assert.equal(text, file, name);
    else assert.ok(file.includes(text), name);
    shown += 1;
  }
  assert.equal(shown, 3);
});

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
