/** Every link of every page that stays inside the clone leads somewhere, its anchor included. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { filesEndingIn, ROOT } from './support/files.ts';
import { anchorsOf, linksOf } from './support/markdown.ts';

test('every relative link leads somewhere', () => {
  const pages = filesEndingIn('.md');
  assert.ok(pages.length > 10, 'there are pages');
  const broken = pages.flatMap((page) => {
    const text = readFileSync(join(ROOT, page), 'utf8');
    return linksOf(text)
      .filter((link) => !leadsSomewhere(page, link))
      .map((link) => `${page}: ${link}`);
  });
  assert.deepEqual(broken, []);
});

test('every page of docs is reached from its index', () => {
  const seen = new Set<string>();
  const visit = (page: string): void => {
    if (seen.has(page)) return;
    seen.add(page);
    for (const link of linksOf(readFileSync(join(ROOT, page), 'utf8'))) {
      const target = fileOf(page, link);
      if (target.endsWith('.md') && existsSync(join(ROOT, target))) visit(target);
    }
  };
  visit('docs/README.md');
  const docs = filesEndingIn('.md').filter((path) => path.startsWith('docs/'));
  assert.deepEqual(
    docs.filter((page) => !seen.has(page)),
    [],
  );
});

test('links and anchors are read as GitHub has them', () => {
  const text = [
    '[a](b.md) ![c](d.svg) [e](#f) [g](https://example.com) `[no](link)`',
    '```md',
    '[neither](this)',
    '```',
    '[h]: ../i.md',
    '# One, *two* & `three`!',
    '# Again',
    '# Again',
  ].join('\n');
  assert.deepEqual(linksOf(text), ['b.md', 'd.svg', '#f', '../i.md']);
  assert.deepEqual(anchorsOf(text), ['one-two--three', 'again', 'again-1']);
});

function leadsSomewhere(page: string, link: string): boolean {
  const file = join(ROOT, fileOf(page, link));
  if (!existsSync(file)) return false;
  const anchor = link.split('#')[1];
  if (anchor === undefined || !file.endsWith('.md') || !statSync(file).isFile()) return true;
  return anchorsOf(readFileSync(file, 'utf8')).includes(anchor);
}

/** The file that a link means, as a path from the project's folder. */
function fileOf(page: string, link: string): string {
  const [path = ''] = link.split('#');
  return path === '' ? page : relative(ROOT, join(ROOT, dirname(page), path));
}
