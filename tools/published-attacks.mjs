/**
 * Regenerates docs/security/published-attacks.md; with `--check` only compares, and fails when it is not
 * current.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { pageOf } from '../tests/gateway/page.ts';

const PAGE = new URL('../docs/security/published-attacks.md', import.meta.url);

const page = pageOf();
if (!process.argv.includes('--check')) {
  writeFileSync(PAGE, page);
} else if (!existsSync(PAGE) || readFileSync(PAGE, 'utf8') !== page) {
  console.error(
    'docs/security/published-attacks.md is not current: node tools/published-attacks.mjs',
  );
  process.exit(1);
}
