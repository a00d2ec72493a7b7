import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { looseFindings, MAX_LOOSE } from './loose-files.ts';

test(`a src has at most ${MAX_LOOSE} files beside its folders, tests and entries aside`, async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'gatehouse-loose-'));
  t.after(() => rm(root, { recursive: true }));
  await mkdir(join(root, 'packages/a'), { recursive: true });
  const manifest = { exports: { '.': './src/index.ts', './b': { default: './src/b.ts' } } };
  await writeFile(join(root, 'packages/a/package.json'), JSON.stringify(manifest));
  const loose = Array.from({ length: MAX_LOOSE }, (_, index) => `packages/a/src/loose${index}.ts`);
  const fine = [
    ...loose,
    'packages/a/src/index.ts',
    'packages/a/src/b.ts',
    'packages/a/src/loose0.test.ts',
    'packages/a/src/folder/c.ts',
  ];
  assert.deepEqual(looseFindings(fine, root), []);
  const [finding, ...others] = looseFindings([...fine, 'packages/a/src/one-more.ts'], root);
  assert.match(finding?.message ?? '', /has 6 loose files, above 5/);
  assert.equal(finding?.file, 'packages/a/src');
  assert.deepEqual(others, []);
});
