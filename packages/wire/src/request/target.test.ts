import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readQuery, readTarget } from './target.ts';

const refused: Record<string, readonly [target: string, code: string][]> = {
  'absolute form': [['http://edge/board/v1/posts', 'target_form']],
  'asterisk form': [['*', 'target_form']],
  'authority form': [['edge:443', 'target_form']],
  'empty target': [['', 'target_form']],
  'encoded dot': [
    ['/board/%2e%2e/auth', 'encoded_dot'],
    ['/board/%2E%2E/auth', 'encoded_dot'],
    ['/board/.%2E/auth', 'encoded_dot'],
  ],
  'encoded slash': [
    ['/board%2Fv1', 'encoded_slash'],
    ['/board%2fv1', 'encoded_slash'],
    ['/board%5Cv1', 'encoded_slash'],
  ],
  'double encoding': [['/board/%252E%252E/auth', 'encoded_delimiter']],
  'dot segment': [
    ['/board/../auth', 'dot_segment'],
    ['/board/./v1', 'dot_segment'],
    ['/..', 'dot_segment'],
  ],
  'empty segment': [
    ['//board', 'empty_segment'],
    ['/board//v1', 'empty_segment'],
  ],
  'path parameter': [
    ['/board/..;/auth', 'target_character'],
    ['/board;v=1/posts', 'target_character'],
    ['/board%3Bv/posts', 'encoded_delimiter'],
  ],
  backslash: [['/board\\v1', 'target_character']],
  fragment: [
    ['/board#v1', 'target_character'],
    ['/board?a=b#c', 'target_character'],
    ['/board%23v1', 'encoded_delimiter'],
  ],
  'NUL and control': [
    ['/board\u0000', 'target_character'],
    ['/board\u007f', 'target_character'],
    ['/board%00', 'encoded_delimiter'],
    ['/board%0D%0A', 'encoded_delimiter'],
    ['/board?a=%00', 'encoded_delimiter'],
  ],
  'byte outside ASCII': [['/board/\u00e9', 'target_character']],
  'encoding of what needs none': [['/%62oard', 'percent_encoding']],
  'lower-case hex in the path': [['/posts/%c3%a9', 'percent_encoding']],
  'broken triplet': [
    ['/posts/%', 'percent_encoding'],
    ['/posts/%C', 'percent_encoding'],
    ['/posts/%u0041', 'percent_encoding'],
    ['/posts?a=%zz', 'percent_encoding'],
  ],
  'invalid UTF-8': [
    ['/posts/%C3', 'invalid_utf8'],
    ['/posts/%C0%AF', 'invalid_utf8'],
    ['/posts/%ED%A0%80', 'invalid_utf8'],
  ],
  'a character that no browser sends in a query': [
    ['/posts?a="', 'target_character'],
    ['/posts?a=<b>', 'target_character'],
    ['/posts?a=b c', 'target_character'],
    ['/posts?a=\\', 'target_character'],
    ['/posts?a=é', 'target_character'],
  ],
  'too long': [[`/${'a'.repeat(9000)}`, 'headers_too_large']],
};

for (const [name, cases] of Object.entries(refused)) {
  test(`refused: ${name}`, () => {
    for (const [target, code] of cases) {
      assert.throws(() => readTarget(target), { code: `gateway.${code}` }, target);
    }
  });
}

test('refused: whatever a second reader could take for another path', () => {
  for (const target of [
    ...['', '*', 'a', 'http://a/', 'a:443', '//a', '/a//b', '/./a', '/a/..', '/../a', '/..;/a'],
    ...['/a;b', '/a\\b', '/%2e%2e/a', '/%2E', '/a%2Fb', '/a%2fb', '/a%5Cb', '/a%3Bb', '/a%25b'],
    ...['/%3F', '/%23', '/%00', '/%0A', '/%7F', '/%C2%80', '/%41', '/%7E', '/%c3%a9', '/%', '/%4'],
    ...['/%zz', '/%C3', '/%C0%AF', '/%ED%A0%80', '/a b', '/a#b', '/é', '/a\u0000', '/a?b c'],
    ...['/a?b#c', '/a?%', '/a?%00', '/a?"', '/a?<', '/a?\\', '/a?é', `/${'a'.repeat(8192)}`],
  ]) {
    assert.throws(() => readTarget(target), /./, target);
  }
});

test('a plain path keeps its spelling and gives its segments', () => {
  assert.deepEqual(readTarget('/board/v1/posts/pst_1'), {
    path: '/board/v1/posts/pst_1',
    segments: ['board', 'v1', 'posts', 'pst_1'],
    query: '',
  });
  assert.deepEqual(readTarget('/').segments, []);
});

test('canonical UTF-8 in a segment is decoded', () => {
  assert.deepEqual(readTarget('/posts/caf%C3%A9%20%F0%9F%98%80').segments, ['posts', 'café 😀']);
});

test('a trailing slash is another path, not a fault', () => {
  assert.deepEqual(readTarget('/posts/').segments, ['posts', '']);
});

test('what encodeURIComponent writes is taken in a segment', () => {
  for (const text of [
    'a@b',
    'a,b',
    'a:b',
    'a+b',
    'a=b',
    'a&b',
    'a$b',
    "it's (a) *!~",
    '[x] {y}|^',
    'é😀',
  ]) {
    assert.deepEqual(readTarget(`/u/${encodeURIComponent(text)}`).segments, ['u', text], text);
  }
});

test('what is taken keeps its bytes', () => {
  assert.deepEqual(readTarget('/a%40b/%C3%A9/c,d/?flag&x[y]=%0A;z|w&=v&%ff'), {
    path: '/a%40b/%C3%A9/c,d/',
    query: '?flag&x[y]=%0A;z|w&=v&%ff',
    segments: ['a@b', 'é', 'c,d', ''],
  });
  assert.deepEqual(readTarget('/?'), { path: '/', query: '?', segments: [] });
});

test('a query is form-encoded, for who reads it', () => {
  assert.deepEqual(readQuery('?pageSize=2&pageToken=a%2fb+c%3D&x=a;b'), [
    ['pageSize', '2'],
    ['pageToken', 'a/b c='],
    ['x', 'a;b'],
  ]);
  assert.deepEqual([readQuery(''), readQuery('?')], [[], []]);
});

test('refused: a query that is no form', () => {
  const forms: readonly (readonly [string, string])[] = [
    ...(['?a', '?=b', '?a=b&&c=d', '?a=b&'] as const).map((query) => [query, 'query'] as const),
    ['?a=%FF', 'invalid_utf8'],
    ['?a=%0A', 'encoded_delimiter'],
    ['?a=%C2%80', 'encoded_delimiter'],
  ];
  for (const [query, code] of forms) {
    assert.equal(readTarget(`/${query}`).query, query);
    assert.throws(() => readQuery(query), { code: `gateway.${code}` }, query);
  }
});
