import assert from 'node:assert/strict';
import { test } from 'node:test';
import { httpRoute, upstreamSettings } from '../test-support/http-route.ts';
import { createLiveRoutes } from './live-routes.ts';
import { createRouteSet, NO_HTTP_ROUTES } from './route-set.ts';

test('a request keeps the set that it began with; the next one has the new', () => {
  const live = createLiveRoutes(NO_HTTP_ROUTES);
  const told: unknown[] = [];
  live.onSwap((next) => told.push(next));
  const begun = live.current();
  const next = createRouteSet([httpRoute()], new Map([['app', upstreamSettings()]]));
  live.swap(next);
  assert.equal(begun.match('a.example', []), undefined);
  assert.equal(live.current().match('a.example', [])?.template, '/{path=**}');
  assert.deepEqual(told, [next]);
});
