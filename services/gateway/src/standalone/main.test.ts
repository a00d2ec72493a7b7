/** The program as a process: what it prints, how it exits, what signals do. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { generateSigningKey, toPublicJwk } from '@gatehouse/tokens';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const SCHEMA = new URL('../../gateway.schema.json', import.meta.url);

function fileText(path: string): string {
  return `listen: { port: 0, admin_port: 0 }
issuers: [{ issuer: "https://login.example", audience: shop, key_file: keys.json }]
upstreams: { shop: { addresses: ["127.0.0.1:9"] } }
routes:
  - { name: hello, path: ${path}, methods: [GET], rule: { subject: ANYONE }, upstream: shop }
`;
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'gateway-main-'));
  t.after(() => rmSync(path, { recursive: true }));
  const keys = { keys: [toPublicJwk(generateSigningKey('ES256'))] };
  writeFileSync(join(path, 'keys.json'), JSON.stringify(keys));
  return path;
}

interface Run {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly err: () => string;
  readonly says: (text: RegExp) => Promise<RegExpExecArray>;
  readonly exit: Promise<unknown>;
}

function run(cwd: string, ...args: readonly string[]): Run {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  const changed = new EventTarget();
  for (const name of ['out', 'err'] as const) {
    child[`std${name}`]?.on('data', (chunk: Buffer) => {
      said[name] += chunk.toString();
      changed.dispatchEvent(new Event('said'));
    });
  }
  const says = async (text: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = text.exec(said.out + said.err);
      if (found !== null) return found;
      await once(changed, 'said');
    }
  };
  const exit = once(child, 'close').then(([code]) => code);
  return { child, out: () => said.out, err: () => said.err, says, exit };
}

test('--schema prints the schema that is committed', async (t) => {
  const { out, exit } = run(folder(t), '--schema');
  assert.equal(await exit, 0);
  assert.equal(out(), readFileSync(SCHEMA, 'utf8'));
});

test('--check says what is wrong with line and column and exits 1, or that all is right', async (t) => {
  const cwd = folder(t);
  writeFileSync(join(cwd, 'gateway.yaml'), fileText('/hello'));
  const right = run(cwd, '--config', 'gateway.yaml', '--check');
  assert.equal(await right.exit, 0);
  assert.equal(right.out(), 'gateway.yaml is valid: 1 route, 1 upstream, 1 issuer.\n');
  writeFileSync(join(cwd, 'gateway.yaml'), fileText('/hello').replace('keys.json', 'gone.json'));
  for (const more of [['--check'], []]) {
    const wrong = run(cwd, '--config', 'gateway.yaml', ...more);
    assert.equal(await wrong.exit, 1);
    assert.match(wrong.err(), /^gateway\.yaml:2:72: There is no file .*gone\.json\./);
    assert.match(wrong.err(), /1 error\. Nothing was started\.\n$/);
    assert.equal(wrong.out(), '');
  }
});

test('a port that is taken is told in words of the file, exit 78', async (t) => {
  const cwd = folder(t);
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  for (const name of ['port', 'admin_port']) {
    const text = fileText('/hello').replace(new RegExp(`\\b${name}: 0`), `${name}: ${port}`);
    writeFileSync(join(cwd, 'gateway.yaml'), text);
    const { exit, err } = run(cwd, '--config', 'gateway.yaml');
    assert.equal(await exit, 78);
    const line = `gateway cannot start: listen.${name} ${port} is taken by another program: `;
    assert.ok(err().startsWith(line), err());
  }
});

test('it says where it listens, reads the file again on HUP, and ends on TERM', async (t) => {
  const cwd = folder(t);
  writeFileSync(join(cwd, 'gateway.yaml'), fileText('/hello'));
  const gateway = run(cwd, '--config', 'gateway.yaml');
  t.after(() => gateway.child.kill('SIGKILL'));
  const [, edge = ''] = await gateway.says(/edge +(http:\S+)/);
  await gateway.says(/GET +\/hello +→ shop +anyone/);
  const [, admin = ''] = await gateway.says(/admin +(http:\S+)/);
  assert.equal((await fetch(`${admin}/readyz`)).status, 200);
  assert.equal((await fetch(`${edge}/moved`)).status, 404);
  writeFileSync(join(cwd, 'gateway.yaml'), fileText('/moved'));
  gateway.child.kill('SIGHUP');
  await gateway.says(/file reloaded/);
  assert.notEqual((await fetch(`${edge}/moved`)).status, 404);
  gateway.child.kill('SIGTERM');
  assert.equal(await gateway.exit, 0);
});
