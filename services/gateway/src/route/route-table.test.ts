import assert from 'node:assert/strict';
import { test } from 'node:test';
import { METHODS, type MethodContract } from '@gatehouse/contracts';
import { createRouteTable } from './route-table.ts';

const table = createRouteTable(METHODS);
const getPost = METHODS.find(({ id }) => id === 'gatehouse.board.v1.BoardService/GetPost');

function at(path: string) {
  return table.match(path.slice(1).split('/'));
}

function method(verb: 'GET' | 'POST' | 'DELETE', template: string, id: string): MethodContract {
  assert.ok(getPost);
  return { ...getPost, id, http: { verb, template, body: '' } };
}

test('every binding of the contracts is found at its own path and verb', () => {
  const bound = METHODS.filter(({ http }) => http !== undefined);
  assert.ok(bound.length > 10);
  for (const { http, id } of bound) {
    assert.equal(at(http?.template ?? '')?.byVerb.get(http?.verb ?? '')?.id, id);
  }
});

test('variables are named by field and decoded by position', () => {
  const match = at('/board/v1/posts/p1/comments/c1');
  assert.deepEqual(match?.variables(['board', 'v1', 'posts', 'p1', 'comments', 'c1']), {
    post_id: 'p1',
    comment_id: 'c1',
  });
  assert.equal(match?.template, '/board/v1/posts/{post_id}/comments/{comment_id}');
});

test('a path that no contract has is nothing: default deny', () => {
  for (const path of [
    '/',
    '/board',
    '/board/v1/posts/',
    '/board/v1/posts//comments',
    '/Board/v1/posts',
  ]) {
    assert.equal(at(path), undefined, path);
  }
  assert.equal(at('/auth/v1/register-passport-key'), undefined);
});

test('HEAD is where GET is, and Allow names every verb', () => {
  const match = at('/board/v1/posts/p1');
  assert.equal(match?.byVerb.get('HEAD')?.id, getPost?.id);
  assert.equal(match?.allow, 'GET, HEAD, PATCH, DELETE, OPTIONS');
  assert.equal(at('/auth/v1/login')?.byVerb.get('HEAD'), undefined);
});

test('a literal wins over a variable, and gives way where it leads nowhere', () => {
  const mixed = createRouteTable([
    method('GET', '/users/{id}', 'one'),
    method('GET', '/users/me', 'me'),
    method('GET', '/users/{id}/roles', 'roles'),
    method('DELETE', '/users/me/session', 'session'),
  ]);
  assert.equal(mixed.match(['users', 'me'])?.byVerb.get('GET')?.id, 'me');
  assert.equal(mixed.match(['users', 'u1'])?.byVerb.get('GET')?.id, 'one');
  const roles = mixed.match(['users', 'me', 'roles']);
  assert.deepEqual(
    [roles?.byVerb.get('GET')?.id, roles?.variables(['users', 'me', 'roles'])],
    ['roles', { id: 'me' }],
  );
});

test('two methods with one verb and path do not start', () => {
  const twice = [method('GET', '/a/{id}', 'one'), method('GET', '/a/{id}', 'two')];
  assert.throws(() => createRouteTable(twice), /two and one both answer GET \/a\/\{id\}/);
});

test('one path under two names of its variable does not start', () => {
  const twice = [method('GET', '/a/{id}', 'one'), method('DELETE', '/a/{a_id}', 'two')];
  assert.throws(() => createRouteTable(twice), /two: .* use the same names/);
});
