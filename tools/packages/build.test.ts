// The build itself is tried where its result is installed: tests/packages.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publishedManifest, withBuiltImports } from './build.ts';

test('what is published names what was built, and nothing that only the workspace needs', () => {
  const manifest = {
    name: '@gatehouse/a',
    private: true,
    scripts: { build: 'x' },
    exports: { '.': './src/index.ts', './b': './src/b/index.ts' },
    dependencies: { c: '1.0.0' },
    devDependencies: { d: '1.0.0' },
  };
  assert.deepEqual(publishedManifest(manifest), {
    name: '@gatehouse/a',
    exports: {
      '.': { types: './index.d.ts', default: './index.js' },
      './b': { types: './b/index.d.ts', default: './b/index.js' },
    },
    dependencies: { c: '1.0.0' },
    sideEffects: false,
    typesVersions: { '*': { '.': ['./index.d.ts'], b: ['./b/index.d.ts'] } },
  });
});

test('an entry that is no source cannot be published', () => {
  assert.throws(() => publishedManifest({ exports: { '.': './dist/index.js' } }), /an entry is/);
});

test('declarations import what is there', () => {
  const before =
    "import type { A } from '../a.ts';\nexport { b } from './b.ts';\nlet c: import('./c.ts').C;";
  const after =
    "import type { A } from '../a.js';\nexport { b } from './b.js';\nlet c: import('./c.js').C;";
  assert.equal(withBuiltImports(before), after);
  assert.equal(withBuiltImports("import 'x.ts';"), "import 'x.ts';");
});
