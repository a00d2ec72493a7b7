/** What the commands say to words that make no sense, and where nothing runs. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin/gatehouse.js', import.meta.url));

function gatehouse(args: readonly string[], input = '') {
  const options = { encoding: 'utf8', input } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], options);
  return { status, stdout, stderr };
}

function emptyFolder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'gatehouse-words-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test('words that make no sense are refused with exit code 2 and what to write instead', () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['explain'], /needs METHOD\. Write: gatehouse explain METHOD PATH\./],
    [['explain', 'GET'], /needs PATH/],
    [['explain', 'GETT', '/x'], /no method of HTTP\. Did you mean GET\?/],
    [['explain', 'GET', 'x'], /begins with a slash: gatehouse explain GET \/x/],
    [['explain', 'GET', '/x', 'y'], /"y" is one word too many/],
    [['explain', 'GET', '/x', '--as', 'nobody'], /--as takes a token of three parts/],
    [['token'], /needs inspect/],
    [['token', 'inspekt'], /Did you mean "inspect"\?/],
    [['token', 'inspect', 'secret-words'], /takes a token of three parts/],
    [['token', 'inspect', 'a.b.c'], /no token/],
    [['status', '--jsn'], /no flag --jsn\. Did you mean --json\?/],
    [['logs', '--lines', 'all'], /whole number/],
    [['down', 'now'], /Unexpected argument 'now'/],
    [['doctor', '--port-offset', '-1'], /--port-offset/],
    [['client'], /needs create\|list\|rotate/],
    [['client', 'creat', 'x'], /Did you mean "create"\?/],
    [['client', 'create'], /"client create" needs NAME/],
    [['client', 'rotate', 'x', '--overlap', '1h'], /--overlap takes a whole number/],
    [['client', 'rotate', 'x', '--overlap', '5', '--revoke-old'], /contradict each other/],
    [['client', 'disable', 'x', '--scope', 'a'], /"client disable" has no flag --scope/],
    [['grant', 'revoke'], /"grant revoke" needs GRANT/],
    [['grant', 'lost'], /Did you mean "list"\?/],
    [['account', 'suspent', 'x'], /Did you mean "suspend"\?/],
    [['client', 'add-key', 'x'], /needs --public-key FILE/],
    [['client', 'create', 'x', '--public-key', '/nowhere'], /takes a file with a public key/],
    [['client', 'list', '--auth', 'localhost:1'], /--auth and --tls-dir go together/],
    [['client', 'list', '--auth', 'localhost', '--tls-dir', '/'], /--auth takes HOST:PORT/],
    [['keys'], /needs list\|rotate/],
    [['keys', 'rotat'], /Did you mean "rotate"\?/],
    [['keys', 'rotate', '--purpose', 'all'], /--purpose is access or passport/],
    [['keys', 'rotate', '--emergency', '--wait', '5'], /--emergency does not wait/],
    [['keys', 'rotate', '--wait', 'long'], /--wait takes a whole number/],
    [['keys', 'list', '--emergency'], /"keys list" has no flag --emergency/],
    [['keys', 'list', 'x'], /"x" is one word too many/],
    [['keys', 'revoke'], /"keys revoke" needs KID/],
    [['keys', 'rewrap', '--wait', '1'], /"keys rewrap" has no flag --wait/],
    [['gateway'], /needs its file: gatehouse gateway --config gateway\.yaml/],
    [['gateway', '--conf', 'x'], /no flag --conf\. Did you mean --config\?/],
    [['routes', '--admin', 'x'], /--admin takes a whole number/],
    [['routes', 'all'], /Unexpected argument 'all'/],
  ];
  for (const [args, message] of cases) {
    const { status, stdout, stderr } = gatehouse(args);
    assert.match(stderr, message, args.join(' '));
    assert.deepEqual([status, stdout], [2, ''], args.join(' '));
    assert.ok(!stderr.includes('secret-words'), 'what may be a secret is shown to nobody');
  }
});

test('where nothing runs, each command says so and what to do', (t) => {
  const data = ['--data', emptyFolder(t)];
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [['status'], 1, /Nothing runs on .*"gatehouse up"/],
    [['status', '--json'], 1, /^\[\]\n$/],
    [['down'], 0, /Nothing runs on .*"gatehouse up"/],
    [['logs'], 1, /There are no logs in.*gatehouse up/s],
    [['keys', 'list'], 1, /No platform runs on.*gatehouse up --detach/s],
    [['keys', 'rotate-ca'], 1, /No platform runs on.*gatehouse up --detach/s],
    [['client', 'list'], 1, /No platform runs on.*gatehouse up --detach/s],
    [['routes'], 1, /No platform runs on.*gatehouse up --detach/s],
    [['explain', 'GET', '/x'], 1, /No platform runs on.*gatehouse up --detach/s],
  ];
  for (const [args, code, message] of cases) {
    const { status, stdout, stderr } = gatehouse([...args, ...data]);
    assert.match(stdout + stderr, message, args.join(' '));
    assert.equal(status, code, args.join(' '));
  }
});

test('a token is described without a platform, and said to be not verified', (t) => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = `${part({ typ: 'txntoken+jwt', alg: 'ES256' })}.${part({ sub: 'usr_1' })}.c2ln`;
  const { status, stdout } = gatehouse(
    ['token', 'inspect', '--data', emptyFolder(t)],
    `Bearer ${token}\n`,
  );
  assert.equal(status, 0);
  assert.match(stdout, /^passport: for one request inside/);
  assert.match(stdout, /not verified: no platform runs here/);
  assert.match(stdout, /speaks for +usr_1/);
});
