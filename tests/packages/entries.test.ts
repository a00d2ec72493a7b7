// What is in the packed package, what its entries import, and that other compilers can read it.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { run } from './support/command.ts';
import { type Outside, packOutside } from './support/installed.ts';

const ENTRIES = ['.', './fastify', './express', './nestjs', './grpc', './browser'];
const IMPORT = /(?:\bfrom\s+|\bimport\s*\(?\s*)['"]([^'"]+)['"]/g;

let outside: Outside;
/** The installed package. */
let folder: string;
/** A project that has nothing else installed but grpc-js and the types of Node. */
let project: string;

before(async () => {
  outside = await packOutside();
  project = join(outside.folder, 'project');
  folder = join(project, 'node_modules/@gatehouse/tokens');
  await mkdir(folder, { recursive: true });
  await run('tar', ['-xzf', outside.tarball, '--strip-components=1', '-C', folder], project);
});
after(async () => await outside?.remove());

const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
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
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile())
    .map(({ name }) => name);
  assert.ok(names.includes('LICENSE') && names.includes('README.md'));
  assert.deepEqual(
    names.filter((name) => !/(\.js|\.d\.ts)$|^(LICENSE|README\.md|package\.json)$/.test(name)),
    [],
  );
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
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
  await run(process.execPath, ['--eval', program.join('')], project);
});

test('compilers read its declarations, those for pages without any type of Node', async () => {
  const modules = new URL('../../node_modules/', import.meta.url).pathname;
  for (const name of ['@grpc', '@types', 'undici-types']) {
    await symlink(join(modules, name), join(project, 'node_modules', name));
  }
  await writeFile(join(project, 'package.json'), '{ "type": "module" }');
  const importing = (entries: readonly string[]) =>
    entries.map((entry, at) => `export * as e${at} from '@gatehouse/tokens${entry.slice(1)}';\n`);
  const node = ENTRIES.filter((entry) => entry !== './browser');
  const strict = { noEmit: true, strict: true, exactOptionalPropertyTypes: true };
  const compile = async (file: string, text: string, options: object) => {
    const config = join(project, `tsconfig.${file}.json`);
    const compilerOptions = { ...strict, target: 'es2022', ...options };
    await writeFile(join(project, file), text);
    await writeFile(config, JSON.stringify({ compilerOptions, files: [file] }));
    for (const compiler of ['typescript/lib/tsc.js', '@typescript/native/bin/tsc']) {
      await run(process.execPath, [join(modules, compiler), '--project', config], project);
    }
  };
  await compile('node.ts', importing(node).join(''), { module: 'nodenext', types: ['node'] });
  const page = { module: 'esnext', moduleResolution: 'bundler', lib: ['es2022', 'dom'], types: [] };
  await compile('page.ts', importing(['./browser']).join(''), page);
});
