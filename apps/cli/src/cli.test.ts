/** The command as a person meets it: as a process, by its exit code and its words. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../bin/gatehouse.js', import.meta.url));

function gatehouse(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'gatehouse-cli-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test('without a command, and with help, the commands are listed', () => {
  for (const args of [[], ['help'], ['--help']]) {
    const { status, stdout } = gatehouse(...args);
    assert.equal(status, 0);
    assert.match(stdout, /up .* +start the whole platform/);
    assert.match(stdout, /Usage: gatehouse/);
  }
});

test('help of one command shows its flags, and only those that are not deprecated', () => {
  for (const args of [
    ['help', 'up'],
    ['up', '--help'],
    ['up', '--detach', '-h'],
  ]) {
    const { status, stdout } = gatehouse(...args);
    assert.equal(status, 0);
    assert.match(stdout, /--replicas <part=n>/);
    assert.ok(!stdout.includes('--copies') && !stdout.includes('--follow'));
    assert.match(stdout, /\(default: 0\)/);
    assert.doesNotMatch(stdout, /default: (?:false|\[])/);
  }
});

test('the version says which Node it runs on', () => {
  assert.match(gatehouse('--version').stdout, /^gatehouse \d+\.\d+\.\d+ \(Node 2\d\.\d+\.\d+\)$/m);
});

test('unknown commands and flags are errors with exit code 2 and the nearest known word', () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['upp'], /^error: unknown command 'upp' \(Did you mean up\?\)\n/],
    [['xyzzy'], /unknown command 'xyzzy'\nAdd --help/],
    [['up', '--port-ofset', '3'], /unknown option '--port-ofset' \(Did you mean --port-offset\?\)/],
    [['up', '--port-offset', 'x'], /'--port-offset <n>' argument 'x' is invalid\. .* 0 to 50000/],
    [['up', '--port-offset', '50001'], /whole number from 0 to 50000/],
    [['up', '--port-offset'], /argument missing/],
    [['up', '--replicas', 'gateway'], /--replicas takes PART=N/],
    [['up', '--replicas', 'gateway=0'], /whole number from 1 to 10/],
    [['up', '--replicas', 'bord=2'], /No part "bord" can have replicas\. Did you mean "board"\?/],
    [['help', 'logz'], /Usage: gatehouse .*logs/s],
    [['up', 'now'], /too many arguments for 'up'\. Expected 0 arguments but got 1\.\n/],
    [['reset', '--force'], /unknown option '--force'/],
    [['new'], /Usage: gatehouse new .*service/s],
    [['new', 'service'], /missing required argument 'name'/],
    [['new', 'servise'], /unknown command 'servise' \(Did you mean service\?\)/],
  ];
  for (const [args, message] of cases) {
    const { status, stdout, stderr } = gatehouse(...args);
    assert.match(stderr, message);
    assert.deepEqual([status, stdout], [2, ''], args.join(' '));
  }
});

test('more replicas than there are ports for is an error with a remedy, and starts nothing', (t) => {
  const data = join(folder(t), 'data');
  for (const flag of ['--replicas', '--copies']) {
    const { status, stderr } = gatehouse('up', '--data', data, flag, 'auth=9');
    assert.equal(status, 1);
    assert.match(stderr, /auth can run 1 to 3 replicas here, not 9/);
    assert.ok(!existsSync(join(data, 'postgres')));
  }
});

test('a folder with other things in it is neither used nor deleted; reset deletes a data folder', (t) => {
  const home = folder(t);
  writeFileSync(join(home, 'letter.txt'), 'dear');
  for (const args of [['reset', '--yes'], ['up']]) {
    const refused = gatehouse(...args, '--data', home);
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /is not a data folder of Gatehouse/);
  }

  const data = join(home, 'data');
  mkdirSync(join(data, 'run'), { recursive: true });
  writeFileSync(join(data, 'run', 'state.json'), '{"processes":{}}');
  const unasked = gatehouse('reset', '--data', data);
  assert.equal(unasked.status, 1);
  assert.match(unasked.stderr, /--yes/);
  assert.ok(existsSync(data));

  assert.equal(gatehouse('reset', '--yes', '--data', data).status, 0);
  assert.ok(!existsSync(data) && existsSync(join(home, 'letter.txt')));
  assert.match(gatehouse('reset', '--yes', '--data', data).stdout, /Nothing to do/);
});
