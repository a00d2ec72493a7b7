/**
 * Regenerates docs/security/attack-matrix.md; with `--check` only compares, and fails when it is not
 * current.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { runMatrix } from '../tests/conformance/matrix.ts';
import { pageOf } from '../tests/conformance/page.ts';

const PAGE = new URL('../docs/security/attack-matrix.md', import.meta.url);
const { devDependencies } = JSON.parse(
  readFileSync(new URL('../tests/conformance/package.json', import.meta.url), 'utf8'),
);

const page = pageOf(await runMatrix(), new Map(Object.entries(devDependencies)));
if (process.argv.includes('--check')) {
  if (page !== readPage()) {
    console.error('docs/security/attack-matrix.md is not current: node tools/attack-matrix.mjs');
    process.exit(1);
  }
} else {
  writeFileSync(PAGE, page);
}

function readPage() {
  try {
    return readFileSync(PAGE, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return '';
    throw error;
  }
}
