import assert from 'node:assert/strict';
import { test } from 'node:test';
import { variablesOf } from '@gatehouse/wire';
import { httpRoute, upstreamSettings } from '../test-support/http-route.ts';
import type { HttpRoute } from './http-route.ts';
import { createRouteSet } from './route-set.ts';

const UPSTREAMS = new Map([['app', upstreamSettings()]]);

function routing(...routes: readonly Partial<HttpRoute>[]) {
  const set = createRouteSet(routes.map(httpRoute), UPSTREAMS);
  return (target: string, host = 'app.example'): string | undefined => {
    const segments = target === '/' ? [] : target.slice(1).split('/').map(decodeURIComponent);
    const path = set.match(host, segments);
    return path?.byVerb.get('GET')?.label ?? (path === undefined ? undefined : 'other verb');
  };
}

test('a literal wins over a variable, a variable over a rest, whatever their order', () => {
  const at = routing(
    { template: '/{path=**}' },
    { template: '/users/{id}' },
    { template: '/users/{id}/roles' },
    { template: '/users/me' },
  );
  assert.equal(at('/users/me'), '/users/me');
  assert.equal(at('/users/7'), '/users/{id}');
  assert.equal(at('/users/me/roles'), '/users/{id}/roles');
  assert.equal(at('/users'), '/{path=**}');
  assert.equal(at('/users/me/photo'), '/{path=**}');
  assert.equal(at('/'), '/{path=**}');
});

test('a rest takes none, one or many segments, and a slash at the end', () => {
  const at = routing({ template: '/files/{path=**}' });
  for (const path of ['/files', '/files/', '/files/a', '/files/a/b/', '/files/%C3%A4']) {
    assert.equal(at(path), '/files/{path=**}', path);
  }
  for (const path of ['/', '/file', '/filesystem', '/a/files']) assert.equal(at(path), undefined);
});

test('a variable takes one segment, which is not empty', () => {
  const at = routing({ template: '/orders/{id}' });
  assert.equal(at('/orders/7'), '/orders/{id}');
  for (const path of ['/orders', '/orders/', '/orders/7/', '/orders/7/items']) {
    assert.equal(at(path), undefined, path);
  }
});

test('another case of a literal is nothing, rather than what a wider route says', () => {
  const at = routing(
    { template: '/{path=**}' },
    { template: '/admin/{path=**}' },
    { template: '/users/{id}' },
    { template: '/users/me' },
  );
  assert.equal(at('/admin/keys'), '/admin/{path=**}');
  for (const path of ['/Admin/keys', '/ADMIN', '/users/ME', '/%EF%BC%A1dmin', '/u%C5%BFers/7']) {
    assert.equal(at(path), undefined, path);
  }
});

test('a slash more or less at the end is nothing, rather than what a wider route says', () => {
  const at = routing(
    { template: '/{path=**}' },
    { template: '/admin' },
    { template: '/users/{id}' },
    { template: '/reports/' },
    { template: '/both' },
    { template: '/both/' },
    { template: '/users/me/' },
    { template: '/mixed' },
    { template: '/mixed/{path=**}' },
  );
  assert.equal(at('/admin'), '/admin');
  assert.equal(at('/reports/'), '/reports/');
  for (const path of ['/admin/', '/users/7/', '/reports', '/users/me', '/mixed/']) {
    assert.equal(at(path), undefined, path);
  }
  assert.deepEqual([at('/both'), at('/both/'), at('/x/')], ['/both', '/both/', '/{path=**}']);
});

test('a path is found before its verb: another verb does not fall to a wider route', () => {
  const at = routing(
    { template: '/{path=**}' },
    { name: 'write', template: '/admin', methods: ['POST'] },
  );
  assert.equal(at('/admin'), 'other verb');
});

test('verbs of one path may be routes of their own; HEAD is where GET is', () => {
  const set = createRouteSet(
    [
      httpRoute({ name: 'read', template: '/a/{id}' }),
      httpRoute({ name: 'write', template: '/a/{a}', methods: ['PUT', 'DELETE'] }),
    ],
    UPSTREAMS,
  );
  const path = set.match(undefined, ['a', '1']);
  assert.equal(path?.byVerb.get('HEAD')?.label, 'read');
  assert.equal(path?.byVerb.get('DELETE')?.label, 'write');
  assert.equal(path?.allow, 'GET, HEAD, PUT, DELETE, OPTIONS');
  assert.ok(Object.isFrozen(path));
});

test('the host chooses first: its own name, the longest wildcard, any', () => {
  const at = routing(
    { name: 'exact', hosts: ['api.example.org'], template: '/a' },
    { name: 'near', hosts: ['*.eu.example.org'] },
    { name: 'far', hosts: ['*.example.org'] },
    { name: 'any' },
  );
  assert.equal(at('/a', 'api.example.org'), 'exact');
  assert.equal(at('/a', 'API.Example.ORG:8443'), 'exact');
  assert.equal(at('/b', 'api.example.org'), undefined, 'its own routes, and no others');
  assert.equal(at('/b', 'shop.eu.example.org'), 'near');
  assert.equal(at('/b', 'a.shop.example.org'), 'far');
  assert.equal(at('/b', 'example.org'), 'any');
  assert.equal(at('/b', '[::1]:8080'), 'any');
});

test('a host with an empty label is neither the one without nor any', () => {
  const at = routing({ name: 'exact', hosts: ['api.example.org'] }, { name: 'any' });
  for (const host of [
    'api.example.org.',
    'api..example.org',
    '.example.org',
    'api.example.org.:80',
  ]) {
    assert.equal(at('/', host), undefined, host);
  }
});

test('without a host there are the routes for any host only', () => {
  const named = createRouteSet([httpRoute({ hosts: ['a.example'] })], UPSTREAMS);
  assert.equal(named.match(undefined, []), undefined);
  assert.equal(createRouteSet([], new Map()).match('a.example', []), undefined);
});

test('variables are told by name', () => {
  const variables = variablesOf('/files/{owner}/{path=**}')(['files', 'ada', 'a b', 'c']);
  assert.deepEqual(variables, { owner: 'ada', path: 'a b/c' });
});
