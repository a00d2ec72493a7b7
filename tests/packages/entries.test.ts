// What is in the packed package, what its entries import, and that other compilers can read it.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { run } from './support/command.ts';
import { type Outside, packOutside } from './support/installed.ts';
import { createProject, type Project } from './support/project.ts';

const ENTRIES = ['.', './fastify', './express', './nestjs', './grpc', './passport', './browser'];
const IMPORT = /(?:\bfrom\s+|\bimport\s*\(?\s*)['"]([^'"]+)['"]/g;

let outside: Outside;
let project: Project;

before(async () => {
  outside = await packOutside();
  project = await createProject(outside);
});
after(async () => await outside?.remove());

const read = (name: string): string => readFileSync(join(project.installed, name), 'utf8');
const manifest = () => JSON.parse(read('package.json'));
const entryFile = (entry: string): string => manifest().exports[entry].default;

/** All that an entry imports, however far down: files of the package, and the names of the rest. */
function graphOf(entry: string): { readonly files: Set<string>; readonly others: Set<string> } {
  const [files, others] = [new Set<string>(), new Set<string>()];
  const follow = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    for (const [, name = ''] of read(file).matchAll(IMPORT)) {
      if (name.startsWith('.')) follow(join(dirname(file), name));
      else others.add(name);
    }
  };
  follow(join(entryFile(entry)));
  return { files, others };
}

test('it holds JavaScript, declarations, its licence, and nothing of the tests', () => {
  const names = readdirSync(project.installed, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile())
    .map(({ name }) => name);
  assert.ok(names.includes('LICENSE') && names.includes('README.md'));
  assert.deepEqual(
    names.filter((name) => !/(\.js|\.d\.ts)$|^(LICENSE|README\.md|package\.json)$/.test(name)),
    [],
  );
  const paths = readdirSync(project.installed, { recursive: true, encoding: 'utf8' });
  assert.deepEqual(
    paths.filter((path) => /test/.test(path)),
    [],
  );
});

test('it depends on nothing', () => {
  const { dependencies, devDependencies, scripts, peerDependenciesMeta, exports } = manifest();
  assert.deepEqual([dependencies, devDependencies, scripts], [undefined, undefined, undefined]);
  assert.deepEqual(peerDependenciesMeta, { '@grpc/grpc-js': { optional: true } });
  assert.deepEqual(Object.keys(exports).sort(), [...ENTRIES].sort());
});

for (const entry of ENTRIES) {
  test(`the entry ${entry} imports nothing that must be installed`, () => {
    const { files, others } = graphOf(entry);
    assert.ok(files.size > 1);
    const strange = [...others].filter((name) => entry === './browser' || !/^node:/.test(name));
    assert.deepEqual(strange, []);
  });
}

test('an adapter brings no signing with it, and no other adapter', () => {
  for (const entry of ENTRIES.filter((name) => name !== '.')) {
    const { files } = graphOf(entry);
    assert.deepEqual(
      [...files].filter((file) => /(^|\/)mint\//.test(file)),
      [],
    );
  }
});

test('a program in CommonJS can require every entry', async () => {
  const program = ENTRIES.map((entry) => `require('@gatehouse/tokens${entry.slice(1)}');`);
  await run(process.execPath, ['--eval', program.join('')], project.folder);
});

test('compilers read its declarations, those for pages without any type of Node', async () => {
  const importing = (entries: readonly string[]) =>
    entries
      .map((entry, at) => `export * as e${at} from '@gatehouse/tokens${entry.slice(1)}';\n`)
      .join('');
  const node = ENTRIES.filter((entry) => entry !== './browser');
  await project.compile({ 'node.ts': importing(node) }, { module: 'nodenext', types: ['node'] });
  const page = { module: 'esnext', moduleResolution: 'bundler', lib: ['es2022', 'dom'], types: [] };
  await project.compile({ 'page.ts': importing(['./browser']) }, page);
});
