// What a page loads: nothing of Node, and little of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const ENTRY = fileURLToPath(new URL('index.ts', import.meta.url));
const MAX_GZIPPED_BYTES = 6_000;

const { outputFiles, metafile } = await build({
  entryPoints: [ENTRY],
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  format: 'esm',
  // With these, an import of a module of Node is an error.
  platform: 'browser',
  target: 'es2022',
});
const code = outputFiles[0]?.text ?? '';

test('the whole import graph stays within the package and names no module of Node', () => {
  const modules = Object.entries(metafile.inputs);
  assert.ok(modules.length > 5);
  for (const [path, { imports }] of modules) {
    assert.match(
      path,
      /packages\/tokens\/src\/(browser\/\w+|jws\/json|errors|clock|back-off)\.ts$/,
    );
    for (const { external, original } of imports) {
      assert.ok(external !== true && original?.startsWith('.'), `${path} imports ${original}`);
    }
  }
});

test('no global of Node is used', () => {
  assert.doesNotMatch(code, /\b(Buffer|process|require|__dirname|setImmediate|global)\b/);
});

test('it is under 6 kB, minified and gzipped', () => {
  const bytes = gzipSync(code, { level: 9 }).length;
  assert.ok(bytes > 0 && bytes < MAX_GZIPPED_BYTES, `${bytes} bytes`);
});
