import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readHead } from '@gatehouse/wire';
import { httpRoute, upstreamSettings } from '../../test-support/http-route.ts';
import { testIncoming } from '../../test-support/incoming.ts';
import { upstreamHead } from './upstream-head.ts';

const HOST = ['Host', 'app.example'];

function read(headers: readonly string[]) {
  return readHead(testIncoming({ rawHeaders: [...HOST, ...headers] }));
}

const SAID = {
  address: '2001:db8::1',
  proto: 'https',
  host: 'app.example:8443',
} as const;

function heads(
  route: Parameters<typeof httpRoute>[0],
  forwarding: 'forwarded' | 'x-forwarded',
  sent: readonly string[] = [],
) {
  const list = upstreamHead(httpRoute(route), SAID, read(sent), upstreamSettings({ forwarding }));
  return Object.fromEntries(
    list.flatMap((name, index) => (index % 2 === 0 ? [[name.toLowerCase(), list[index + 1]]] : [])),
  );
}

test('where a request comes from is replaced, in one way or the other', () => {
  const one = heads({}, 'forwarded');
  assert.equal(one.forwarded, 'for="[2001:db8::1]";host="app.example:8443";proto=https');
  assert.equal(one['x-forwarded-for'], undefined);
  const other = heads({}, 'x-forwarded');
  assert.equal(other['x-forwarded-for'], '2001:db8::1');
  assert.equal(other['x-forwarded-port'], '8443');
  assert.equal(other.forwarded, undefined);
  assert.equal(other.host, 'app.example:8443');
});

test('edits take away and set; the host can be the upstream’s own', () => {
  const rewrite = {
    host: 'upstream' as const,
    requestHeaders: { set: new Map([['x-set', 'ours']]), remove: new Set(['x-gone']) },
    responseHeaders: { set: new Map<string, string>(), remove: new Set<string>() },
  };
  const seen = heads({ rewrite }, 'forwarded', ['X-Set', 'theirs', 'X-Gone', '1', 'X-Stays', '2']);
  assert.deepEqual([seen['x-set'], seen['x-gone'], seen['x-stays']], ['ours', undefined, '2']);
  assert.equal(seen.host, '127.0.0.1:3000');
});

test('a client’s look-alike does not pass beside what an edit or a stage sets or takes away', () => {
  const rewrite = {
    ...httpRoute().rewrite,
    requestHeaders: { set: new Map([['x-set', 'ours']]), remove: new Set(['x-gone']) },
  };
  const sent = ['X_Set', 'theirs', 'X.Gone', '1', 'X_Added', 'theirs', 'X_Stays', '2'];
  const saying = { ...SAID, added: new Map([['x-added', 'ours']]) };
  const list = upstreamHead(httpRoute({ rewrite }), saying, read(sent), upstreamSettings({}));
  assert.deepEqual(
    list.filter((name) => /^x.(?:set|gone|added|stays)$/i.test(name)),
    ['X_Stays', 'x-set', 'x-added'],
  );
});

test('of Authorization only another scheme passes, where the route does not look at it', () => {
  const rule = { ...httpRoute().rule, ignoreBearer: true };
  const passed = (value: string, route = { rule }) =>
    heads(route, 'forwarded', ['Authorization', value]).authorization;
  assert.equal(passed('Basic YTpi'), 'Basic YTpi');
  for (const value of [
    'Bearer a.b.c',
    'bearer a.b.c',
    'BEARER\ta',
    'Bearer',
    'DPoP a',
    'Bearer,a',
  ]) {
    assert.equal(passed(value), undefined, value);
  }
  assert.equal(passed('Basic YTpi', { rule: httpRoute().rule }), undefined);
});
