/** The examples in docstrings compile, as somebody would write them who imports the package by its name. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as chassis from '@gatehouse/chassis';
import * as chassisDial from '@gatehouse/chassis/dial';
import * as chassisHttp from '@gatehouse/chassis/http';
import * as standalone from '@gatehouse/chassis/standalone';
import * as client from '@gatehouse/client';
import * as clientGrpc from '@gatehouse/client/grpc';
import * as contracts from '@gatehouse/contracts';
import * as postgres from '@gatehouse/postgres';
import * as tokens from '@gatehouse/tokens';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TSC = join(ROOT, 'node_modules/@typescript/native/bin/tsc');

/** Packages of which every public function has an example, and what they export. */
const COMPLETE = {
  chassis: { ...chassis, ...chassisDial, ...chassisHttp, ...standalone },
  client: { ...client, ...clientGrpc },
  contracts,
  postgres,
  tokens,
} satisfies Record<string, object>;

const DOCSTRING = /\/\*\*(?:[^*]|\*(?!\/))*\*\//g;
const EXAMPLE = /@example\n \* ```ts\n([\s\S]*?)\n \* ```/g;

interface Source {
  /** From the root: `packages/postgres/src/lease.ts`. */
  readonly path: string;
  readonly text: string;
}

function sourcesOf(folder: string): readonly Source[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter(
      (path) => /(?<!\.test)\.ts$/.test(path) && !/(^|\/)(gen|test-support|dist)\//.test(path),
    )
    .map((path) => join(folder, path))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
}

const SOURCES = readdirSync(join(ROOT, 'packages')).flatMap((name) =>
  sourcesOf(`packages/${name}/src`),
);

test('every example of every package compiles', async () => {
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, '.cache/examples-'));
  try {
    let count = 0;
    for (const { path, text } of SOURCES) {
      const examples = [...text.matchAll(DOCSTRING)].flatMap(([doc]) => [...doc.matchAll(EXAMPLE)]);
      for (const [index, [, lines = '']] of examples.entries()) {
        const name = `${path.replaceAll('/', '-').replace(/\.ts$/, '')}-${index + 1}.ts`;
        writeFileSync(join(folder, name), `${lines.replaceAll(/^ \* ?/gm, '')}\nexport {};\n`);
        count += 1;
      }
    }
    assert.ok(count > 0);
    const config = {
      extends: join(ROOT, 'tsconfig.json'),
      // What an example declares need not be used in it.
      compilerOptions: { noEmit: true, noUnusedLocals: false, noUnusedParameters: false },
      include: ['*.ts'],
      exclude: [],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const compiling = promisify(execFile)(process.execPath, [TSC, '--project', folder]);
    const said = await compiling.then(
      () => '',
      (error: { stdout?: string }) => error.stdout ?? String(error),
    );
    assert.equal(said, '');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

for (const [name, exported] of Object.entries(COMPLETE)) {
  test(`every public function of ${name} has an example`, () => {
    const texts = SOURCES.filter(({ path }) => path.startsWith(`packages/${name}/`));
    const without = Object.keys(exported).filter((each) => {
      const declared = new RegExp(`(\\n \\*/\\n)?export (async )?function ${each}\\b`);
      const source = texts.find(({ text }) => declared.test(text));
      if (source === undefined) return false;
      const before = source.text.slice(0, source.text.search(declared) + '\n */'.length);
      return !(before.match(DOCSTRING)?.at(-1) ?? '').includes('@example');
    });
    assert.deepEqual(without, []);
  });
}
