/** What the commands report for a wrong command line, and where nothing runs. */
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

test('a wrong command line is an error with exit code 2 that says what to write instead', () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['explain'], /missing required argument 'method'/],
    [['explain', 'GET'], /missing required argument 'path'/],
    [['explain', 'GETT', '/x'], /not an HTTP method\. Did you mean "GET"\?/],
    [['explain', 'GET', 'x'], /begins with a slash: gatehouse explain GET \/x/],
    [['explain', 'GET', '/x', 'y'], /too many arguments for 'explain'/],
    [
      ['explain', 'GET', '/x', '--as', 'nobody'],
      /--as takes member, moderator, admin, or a token of three/,
    ],
    [['token'], /Usage: gatehouse token .*inspect/s],
    [['token', 'inspekt'], /Did you mean inspect\?/],
    [['token', 'inspect', 'secret-words'], /takes a token of three parts/],
    [['token', 'inspect', 'Bearer', 'secret-words'], /too many arguments .* but got 2\.\n/],
    [['token', 'inspect', 'a.b.c'], /not a token/],
    [
      ['client', 'create', 'x', '--scope', 'bord:write'],
      /declares the scope "bord:write"\. Did you mean "board:write"\? .*board:read/,
    ],
    [['client', 'create', 'x', '--scope', 'board:read', '--scope', 'asset:red'], /"asset:read"\?/],
    [['client', 'create', 'x', '--scope', 'BOARD:READ'], /declares the scope "BOARD:READ"/],
    [['client', 'create', 'x', '--scope', 'board:read board:write'], /declares the scope/],
    [['client', 'create', 'x', '--scope', ''], /declares the scope ""/],
    [['account', 'roles', 'usr_1', 'admn'], /no role "admn"\. Did you mean "admin"\?/],
    [['account', 'roles', 'usr_1', 'member', 'Admin'], /no role "Admin"/],
    [['account', 'roles', 'usr_1'], /missing required argument 'roles'/],
    [['status', '--jsn'], /unknown option '--jsn' \(Did you mean --json\?\)/],
    [['logs', '--lines', 'all'], /whole number/],
    [['down', 'now'], /too many arguments for 'down'/],
    [['doctor', '--port-offset', '-1'], /--port-offset/],
    [['client'], /Usage: gatehouse client .*create .*list .*rotate/s],
    [['client', 'creat', 'x'], /Did you mean create\?/],
    [['client', 'create'], /missing required argument 'name'/],
    [['client', 'rotate', 'x', '--overlap', '1h'], /--overlap <seconds>' argument '1h' is invalid/],
    [['client', 'rotate', 'x', '--overlap', '5', '--revoke-old'], /cannot be used with option/],
    [['client', 'disable', 'x', '--scope', 'a'], /unknown option '--scope'/],
    [['grant', 'revoke'], /missing required argument 'grant'/],
    [['grant', 'lost'], /Did you mean list\?/],
    [['account', 'suspent', 'x'], /Did you mean suspend\?/],
    [['client', 'add-key', 'x'], /required option '--public-key <file>' not specified/],
    [['client', 'create', 'x', '--public-key', '/nowhere'], /takes a file with a public key/],
    [['client', 'list', '--auth', 'localhost:1'], /--auth and --tls-dir go together/],
    [['client', 'list', '--auth', 'localhost', '--tls-dir', '/'], /--auth takes HOST:PORT/],
    [['keys'], /Usage: gatehouse keys .*list .*rotate/s],
    [['keys', 'rotat'], /Did you mean rotate\?/],
    [['keys', 'rotate', '--purpose', 'all'], /Allowed choices are access, passport/],
    [['keys', 'rotate', '--emergency', '--wait', '5'], /'--emergency' cannot be used with option/],
    [['keys', 'rotate', '--wait', 'long'], /must be a whole number/],
    [['keys', 'list', '--emergency'], /unknown option '--emergency'/],
    [['keys', 'list', 'x'], /too many arguments for 'list'/],
    [['keys', 'revoke'], /missing required argument 'kid'/],
    [['keys', 'rewrap', '--wait', '1'], /unknown option '--wait'/],
    [['core', 'update-asset'], /Did you mean update-assets\?/],
    [['core', 'update-assets', '--date', 'today'], /--date takes a day such as 2026-11-26/],
    [['gateway'], /needs its file: gatehouse gateway --config gateway\.yaml/],
    [['gateway', '--conf', 'x'], /unknown option '--conf' \(Did you mean --config\?\)/],
    [['routes', '--admin', 'x'], /must be a whole number/],
    [['routes', 'all'], /too many arguments for 'routes'/],
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

test('a token is described without a platform, and reported as not verified', (t) => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = `${part({ typ: 'txntoken+jwt', alg: 'ES256' })}.${part({ sub: 'usr_1' })}.c2ln`;
  const { status, stdout } = gatehouse(
    ['token', 'inspect', '--data', emptyFolder(t)],
    `Bearer ${token}\n`,
  );
  assert.equal(status, 0);
  assert.match(stdout, /^passport: for one internal request/);
  assert.match(stdout, /not verified: no platform runs here/);
  assert.match(stdout, /subject +usr_1/);
});
