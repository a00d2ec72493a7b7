import assert from 'node:assert/strict';
import { test } from 'node:test';
import { httpRoute, upstreamSettings } from '../test-support/http-route.ts';
import { type AuthEndpoint, withOwnRoutes } from './own-routes.ts';
import { createRouteSet } from './route-set.ts';

const AUTH: AuthEndpoint = {
  url: new URL('https://localhost:7412'),
  spiffeId: 'spiffe://gatehouse.local/auth',
  tls: { ca: '/tls/bundle.pem', cert: '/tls/chain.pem', key: '/tls/key.pem' },
};
const upstreams = new Map([['app', upstreamSettings()]]);

test('without a file there is OAuth, at exactly one workload', () => {
  const set = withOwnRoutes(undefined, AUTH);
  const path = set.match(undefined, ['oauth2', 'token']);
  assert.equal(path?.byVerb.get('POST')?.label, 'gatehouse-oauth2');
  assert.equal(path?.byVerb.get('GET'), undefined);
  assert.equal(set.match(undefined, ['oauth2']), undefined);
  assert.equal(set.match(undefined, ['oauth2', 'a', 'b']), undefined);
  const [upstream] = [...set.upstreams.values()];
  assert.deepEqual(upstream?.addresses, [{ host: 'localhost', port: 7412 }]);
  assert.equal(upstream?.tls?.spiffeId, AUTH.spiffeId);
});

test('routes of a file stay beside it, also one that takes everything else', () => {
  const all = httpRoute({ name: 'all', template: '/{path=**}', methods: ['GET', 'POST'] });
  const set = withOwnRoutes(createRouteSet([all], upstreams), AUTH);
  assert.equal(set.match('any', ['x'])?.byVerb.get('GET')?.label, 'all');
  assert.equal(
    set.match('any', ['oauth2', 'token'])?.byVerb.get('POST')?.label,
    'gatehouse-oauth2',
  );
  assert.deepEqual([...set.upstreams.keys()], ['app', 'gatehouse-auth']);
});

test('a file that has routes there itself is left as it is', () => {
  const own = httpRoute({ template: '/oauth2/{rest=**}', methods: ['POST'] });
  const set = createRouteSet([own], upstreams);
  assert.equal(withOwnRoutes(set, AUTH), set);
});
