import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FollowedFiles, type FollowedFilesOptions, UnreadableFile } from './followed-files.ts';

/** A pair of files that fit when they begin alike. */
function setUp(
  t: TestContext,
  over: Partial<FollowedFilesOptions<Record<'a' | 'b', string>, string>> = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-follow-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  write('a', '1 a');
  write('b', '1 b');
  const failures: unknown[] = [];
  const files = new FollowedFiles({
    paths: { a: join(folder, 'a'), b: join(folder, 'b') },
    parse: ({ a, b }) => {
      if (a[0] !== b[0]) throw new Error('they do not fit');
      return `${a} ${b}`;
    },
    onFailed: (cause) => failures.push(cause),
    ...over,
  });
  const told: string[] = [];
  files.onChange((value) => told.push(value));
  t.after(() => files.close());
  return { files, folder, write, told, failures };
}

test('a change is used when the files fit together, and each failure is told once', (t) => {
  const { files, write, told, failures } = setUp(t);
  assert.equal(files.look(), false);
  write('a', '2 a');
  assert.deepEqual([files.look(), files.look(), files.reload()], [false, false, false]);
  assert.equal(files.value, '1 a 1 b');
  assert.equal(failures.length, 1);
  assert.equal(files.failure?.message, 'they do not fit');
  write('b', '2 b');
  assert.equal(files.look(), true);
  assert.equal(files.value, '2 a 2 b');
  assert.equal(files.failure, undefined);
  assert.deepEqual(told, ['2 a 2 b']);
});

test('the same content again is no change, and a missing file changes nothing', (t) => {
  const { files, folder, write, told } = setUp(t);
  write('a', '1 a');
  assert.deepEqual([files.look(), files.reload()], [false, false]);
  rmSync(join(folder, 'a'));
  assert.equal(files.look(), false);
  write('a', '1 a');
  assert.equal(files.look(), false);
  assert.deepEqual(told, []);
});

test('a link that is swapped is a change', (t) => {
  const { files, folder } = setUp(t);
  for (const version of ['v2', 'v3']) {
    mkdirSync(join(folder, version));
    for (const name of ['a', 'b'])
      writeFileSync(join(folder, version, name), `${version[1]} ${name}`);
  }
  symlinkSync('v2', join(folder, '..data'));
  for (const name of ['a', 'b']) {
    symlinkSync(join('..data', name), join(folder, 'next'));
    renameSync(join(folder, 'next'), join(folder, name));
  }
  assert.equal(files.look(), true);
  symlinkSync('v3', join(folder, '..next'));
  renameSync(join(folder, '..next'), join(folder, '..data'));
  assert.equal(files.look(), true);
  assert.equal(files.value, '3 a 3 b');
});

test('where half would do, a change is used when two looks have found it', (t) => {
  const { files, write, told } = setUp(t, { settles: true, parse: ({ a }) => String(a) });
  write('a', '2');
  assert.equal(files.look(), false);
  write('a', '2 whole');
  assert.deepEqual([files.look(), files.look(), files.look()], [false, true, false]);
  assert.deepEqual(told, ['2 whole']);
});

test('files that are not right to begin with are an error that names the file', () => {
  const make = () => new FollowedFiles({ paths: { key: '/nowhere' }, parse: () => undefined });
  assert.throws(make, (error: unknown) => error instanceof UnreadableFile && error.file === 'key');
  assert.throws(make, /ENOENT/);
});
