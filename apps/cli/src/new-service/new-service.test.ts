/** Names that are refused and why, and what becomes of the files that know of a service. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { PlatformError } from '@gatehouse/platform';
import { UsageError } from '../usage.ts';
import { assertKind, serviceName } from './name.ts';
import { manifest } from './templates.ts';
import { editsFor, freeBlock } from './wiring.ts';

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

test('only services are made, and a word that is nearly that is guessed', () => {
  assert.doesNotThrow(() => assertKind('service'));
  assert.match(
    refusal(() => assertKind(undefined)),
    /gatehouse new service NAME/,
  );
  assert.match(
    refusal(() => assertKind('servise')),
    /Did you mean "service"\?/,
  );
  assert.doesNotMatch(
    refusal(() => assertKind('gadget')),
    /Did you mean/,
  );
});

test('a part gets the first ten ports that no other has', () => {
  assert.equal(freeBlock([]), 7410);
  assert.equal(freeBlock([7400, 7410, 7421, 7439, 7490]), 7440);
  const all = Array.from({ length: 9 }, (_, index) => 7410 + index * 10);
  assert.equal(freeBlock([...all, 7500]), 7510);
});

function edited(path: string, text: string): string {
  const edit = editsFor(notes, 7440).find((each) => each.path === path);
  assert.ok(edit);
  return edit.change(text);
}

test('the list of contracts takes it in, on one line or on several', () => {
  const head = "import { UserService } from './gen/gatehouse/user/v1/user_pb.ts';\n";
  const path = 'packages/contracts/src/methods.ts';
  for (const list of ['[AuthService, UserService]', '[\n  AuthService,\n  UserService,\n]']) {
    const text = edited(path, `${head}export const SERVICES: readonly DescService[] = ${list};\n`);
    assert.match(text, /UserService, NotesService,?\s*\];/);
    assert.match(
      text,
      /^import \{ NotesService \} from '.\/gen\/gatehouse\/notes\/v1\/notes_pb.ts';$/m,
    );
  }
});

test('it depends on the versions that the others depend on', async () => {
  const read = async (path: string) =>
    JSON.parse(await readFile(new URL(`../../../../${path}`, import.meta.url), 'utf8'));
  const board = await read('services/board/package.json');
  const { dependencies, devDependencies } = manifest(notes);
  const known = { ...board.dependencies, ...board.devDependencies };
  assert.partialDeepStrictEqual(known, { ...dependencies, ...devDependencies });
});

test('the lock file names the workspace and its link, in order', () => {
  const before = { packages: { '': {}, 'node_modules/@gatehouse/user': {}, 'services/user': {} } };
  const lock = JSON.parse(edited('package-lock.json', JSON.stringify(before)));
  assert.deepEqual(Object.keys(lock.packages), [
    '',
    'node_modules/@gatehouse/notes',
    'node_modules/@gatehouse/user',
    'services/notes',
    'services/user',
  ]);
});

test('a file that is not as it was is left alone, and what was to be added is said', () => {
  assert.throws(
    () => edited('platform/parts.ts', 'export const PARTS = [];'),
    (thrown) => thrown instanceof PlatformError && /name: 'notes'/.test(thrown.remedy),
  );
});
