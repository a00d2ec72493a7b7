/** Names that are refused and why, and what the files of a service say. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { UsageError } from '../usage.ts';
import { grpcFiles } from './grpc-files.ts';
import { httpFiles } from './http-files.ts';
import { serviceName } from './name.ts';

const EXISTING = ['postgres', 'auth', 'board', 'gateway'];
const notes = serviceName('notes', EXISTING);

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof UsageError) return thrown.message;
  }
  return assert.fail('it was not refused');
}

test('a name that would not do everywhere is refused, with one that would', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['My-Notes', /"My-Notes" cannot be.*For example: mynotes\.$/],
    ['1st', /For example: st\.$/],
    ['n', /2 to 30 lower-case letters and digits/],
    ['', /cannot be the name/],
    ['notes.v2', /For example: notesv2\.$/],
    ['../etc', /For example: etc\.$/],
    ['Board', /a database\.$/],
    ['x'.repeat(31), /2 to 30/],
    ['google', /is a package that every contract imports/],
    ['board', /There is a part "board" already/],
    ['gateway', /There is a part "gateway" already/],
  ];
  for (const [name, message] of cases) {
    assert.match(
      refusal(() => serviceName(name, EXISTING)),
      message,
    );
  }
  assert.deepEqual(serviceName('notes2', EXISTING), { name: 'notes2', pascal: 'Notes2' });
});

test('a service depends on the versions that the others depend on', async () => {
  const read = async (path: string) =>
    JSON.parse(await readFile(new URL(`../../../../${path}`, import.meta.url), 'utf8'));
  const extension = await read('services/extension/package.json');
  const board = await read('services/board/package.json');
  const known = Object.assign({}, ...[board, extension].flatMap(dependenciesOf));
  for (const files of [grpcFiles(notes, 7_460), httpFiles(notes, 7_460)]) {
    const { text = '' } = files.find(({ path }) => path === 'services/notes/package.json') ?? {};
    assert.partialDeepStrictEqual(known, Object.assign({}, ...dependenciesOf(JSON.parse(text))));
  }
});

function dependenciesOf(manifest: Readonly<Record<string, object>>): readonly object[] {
  return [manifest.dependencies ?? {}, manifest.devDependencies ?? {}];
}

test('every file is in one of its two folders, and declares itself with the ports it was given', () => {
  for (const files of [grpcFiles(notes, 7_460), httpFiles(notes, 7_460)]) {
    assert.equal(files.length, 6);
    for (const { path } of files) assert.match(path, /^(services|proto\/gatehouse)\/notes\//);
    const { text = '' } = files.find(({ path }) => path.endsWith('/service.json')) ?? {};
    assert.equal(JSON.parse(text).ports.admin, 7_461);
  }
});
