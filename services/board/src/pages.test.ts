import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatehouseError } from '@gatehouse/errors';
import { cutPage, pageQuery } from './pages.ts';

const ids = ['a', 'b', 'c'].map((letter) => `pst_${letter.repeat(26)}`);
const rows = ids.map((id) => ({ id }));

function tokenAfter(size: number, list = 'posts'): string {
  return cutPage(rows, { list, size, idOf: (row) => row.id }).nextPageToken;
}

function refused(pageToken: string, list = 'posts'): void {
  assert.throws(
    () => pageQuery(list, { pageSize: 0, pageToken }),
    (error: unknown) =>
      error instanceof GatehouseError &&
      error.code === 'board.page_token' &&
      error.fields[0]?.pointer === '/pageToken',
    JSON.stringify(pageToken),
  );
}

test('the first page has 20 rows unless the request says otherwise', () => {
  assert.deepEqual(pageQuery('posts', { pageSize: 0, pageToken: '' }), { size: 20 });
  assert.deepEqual(pageQuery('posts', { pageSize: 7, pageToken: '' }), { size: 7 });
});

test('a token leads to the row after the last one of its page', () => {
  const page = cutPage(rows, { list: 'posts', size: 2, idOf: (row) => row.id });
  assert.deepEqual(page.rows, rows.slice(0, 2));
  const query = pageQuery('posts', { pageSize: 2, pageToken: page.nextPageToken });
  assert.deepEqual(query, { size: 2, after: ids[1] });
});

test('the last page has no token, even when it is full', () => {
  assert.equal(tokenAfter(3), '');
  assert.equal(tokenAfter(4), '');
  assert.equal(cutPage([], { list: 'posts', size: 3, idOf: () => '' }).nextPageToken, '');
});

test('a token is refused by another list', () => {
  refused(tokenAfter(2, 'comments:pst_x'));
  refused(tokenAfter(2, 'comments:pst_x'), 'comments:pst_y');
  refused(tokenAfter(2), 'comments:pst_x');
});

test('a token that was not given out is refused', () => {
  const good = tokenAfter(2);
  const encode = (text: string) => Buffer.from(text).toString('base64url');
  for (const bad of [
    'x',
    '!',
    `${good}=`,
    ` ${good}`,
    good.slice(0, -1),
    encode('posts '),
    encode("posts ' or 1=1"),
    encode(`posts ${ids[0]}\n`),
    encode(`posts ${ids[0]}\0`),
    encode('posts pst_ABC'),
  ]) {
    refused(bad);
  }
});
