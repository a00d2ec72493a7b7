import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readForeignTarget } from './foreign-target.ts';
import { readTarget } from './target.ts';

test('what is taken keeps its bytes and gives its segments', () => {
  assert.deepEqual(readForeignTarget('/a%40b/%C3%A9/c,d/?flag&x[y]=%0A;z|w'), {
    path: '/a%40b/%C3%A9/c,d/',
    query: '?flag&x[y]=%0A;z|w',
    segments: ['a@b', 'é', 'c,d', ''],
  });
  assert.deepEqual(readForeignTarget('/'), { path: '/', query: '', segments: [] });
  assert.deepEqual(readForeignTarget('/?'), { path: '/', query: '?', segments: [] });
});

test('refused: what could be read twice, and the contracts refuse each of them too', () => {
  for (const target of [
    ...['', '*', 'a', 'http://a/', 'a:443', '//a', '/a//b', '/./a', '/a/..', '/../a', '/..;/a'],
    ...[
      '/a;b',
      '/a\\b',
      '/%2e%2e/a',
      '/%2E',
      '/a%2Fb',
      '/a%2fb',
      '/a%5Cb',
      '/a%3Bb',
      '/a%25b',
      '/%3F',
    ],
    ...['/%23', '/%00', '/%0A', '/%7F', '/%C2%80', '/%41', '/%7E', '/%c3%a9', '/%', '/%4', '/%zz'],
    ...['/%C3', '/%C0%AF', '/%ED%A0%80', '/a b', '/a#b', '/é', '/a\u0000', '/a?b c', '/a?b#c'],
    ...['/a?%', '/a?%00', '/a?"', '/a?<', '/a?\\', '/a?é', `/${'a'.repeat(8192)}`],
  ]) {
    assert.equal(readForeignTarget(target), undefined, target);
    assert.throws(() => readTarget(target), target);
  }
});
