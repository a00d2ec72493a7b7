/** `gatehouse tour`: what it tells is what the platform did, on any terminal, and it spills nothing. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { target } from './support/config.ts';

const COMMAND = fileURLToPath(new URL('../../apps/cli/bin/gatehouse.js', import.meta.url));
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function tour(dataDir: string, env: Record<string, string> = {}): Promise<Ended> {
  const args = [COMMAND, 'tour', '--data', dataDir];
  return new Promise((resolve) => {
    const options = { env: { PATH: SYSTEM_PATH, ...env } };
    const child = execFile(process.execPath, args, options, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

/** Name of an attempt → its outcome and what was found, that the tour must show. */
const REFUSALS: Readonly<Record<string, readonly [RegExp, RegExp]>> = {
  'no token': [/401 access\.not_signed_in/, /gateway: not_signed_in\. No service/],
  altered: [/401 gateway\.invalid_token/, /gateway: token_signature\. No service/],
  forged: [/401 gateway\.invalid_token/, /gateway: token_signature\. No service/],
  'alg none': [/401 gateway\.invalid_token/, /gateway: token_\w+\. No service/],
  expired: [/401 gateway\.invalid_token/, /gateway: token_expired\. No service/],
  'wrong audience': [/401 gateway\.invalid_token/, /gateway: token_audience\. No service/],
  'wrong kind': [/401 gateway\.invalid_token/, /gateway: token_type\. No service/],
  'from outside': [/401 access\.not_signed_in/, /gateway: not_signed_in\. No service/],
  narrow: [/403 access\.scope/, /gateway: scope\. No service/],
  'no certificate': [/refused/, /board, in TLS/],
  // Whoever hears of it first.
  'logged out': [/401 gateway\.invalid_token/, /gateway: token_revoked|board: passport_revoked/],
};

function assertTold(text: string): void {
  for (const [name, [outcome, found]] of Object.entries(REFUSALS)) {
    const told = new RegExp(`^ ${name} .*(?:\n.+)+`, 'm').exec(text)?.[0] ?? '';
    assert.match(told, outcome, `${name}: ${told}`);
    assert.match(told, found, `${name}: ${told}`);
  }
  for (const part of [
    /sub anonymous:/,
    /user +CreateProfile[\s\S]*caller +spiffe:\/\/gatehouse\.local\/auth/,
    /rule +SIGNED_IN; scope board:write; callers gateway/,
    /passport +txn .*\n.*iss spiffe.*gateway\n.*sub usr_\w{26}\n.*scope board:write; valid for/,
    /SQL +insert into "post"/,
    /The same passport as the first/,
  ]) {
    assert.match(text, part);
  }
  assert.ok(text.split('\n').every((line) => line.length <= 80));
  assert.doesNotMatch(text, /eyJ|[A-Za-z0-9_-]{60}/, 'no token, no password');
}

test('on the platform that runs, without colours where there is no terminal', async () => {
  const { code, stdout, stderr } = await tour(target().dataDir);
  assert.deepEqual([code, stderr], [0, '']);
  assert.equal(stripVTControlCharacters(stdout), stdout);
  assertTold(stdout);
});

test('with colours it says the same', async () => {
  const { stdout } = await tour(target().dataDir, { FORCE_COLOR: '1' });
  const plain = stripVTControlCharacters(stdout);
  assert.ok(stdout.length > plain.length);
  assertTold(plain);
});

test('where none runs it starts one for itself, and leaves nothing behind', async (t) => {
  const home = await mkdtemp(join(tmpdir(), 'gatehouse-no-platform-'));
  t.after(() => rm(home, { recursive: true, force: true }));
  const { code, stdout } = await tour(join(home, 'none'), { TMPDIR: home });
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^No platform runs here/);
  assertTold(
    stdout.slice(stdout.indexOf('Gatehouse: the identity')).replaceAll(/^\w+ +stopped.*/gm, ''),
  );
  assert.deepEqual(await readdir(home), []);
});

test('with a database of one’s own it starts nothing, and says what to do', async () => {
  const { code, stderr } = await tour('/nowhere', { DATABASE_URL: 'postgres://u@127.0.0.1/d' });
  assert.equal(code, 1);
  assert.match(stderr, /DATABASE_URL is set[\s\S]*Unset it/);
});
