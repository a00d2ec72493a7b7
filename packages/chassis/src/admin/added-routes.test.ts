import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { defineErrors } from '@gatehouse/errors';
import { AdminRoutes } from './added-routes.ts';
import { Readiness } from './readiness.ts';
import { startAdminServer } from './server.ts';

const { CLOSED } = defineErrors('adminroutestest', { CLOSED: ['NOT_FOUND', 'Not today.'] });

async function setUp(t: TestContext) {
  const routes = new AdminRoutes();
  routes.add({ verb: 'GET', path: '/routes', respond: () => ({ routes: [] }) });
  routes.add({ verb: 'POST', path: '/echo', respond: async (body) => body });
  const closed = () => {
    throw CLOSED();
  };
  routes.add({ verb: 'GET', path: '/closed', respond: closed });
  const admin = await startAdminServer({
    host: '127.0.0.1',
    port: 0,
    readiness: new Readiness(),
    metricsText: async () => '',
    adminRoutes: routes,
  });
  t.after(() => admin.close());
  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(`http://127.0.0.1:${admin.port}${path}`, init);
    return [answer.status, await answer.text()] as const;
  };
  return { routes, ask };
}

const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' };

test('a service answers questions of its own beside health and metrics', async (t) => {
  const { ask } = await setUp(t);
  assert.deepEqual(await ask('/routes?x=1'), [200, '{"routes":[]}']);
  assert.equal((await ask('/livez'))[0], 200);
  assert.equal((await ask('/elsewhere'))[0], 404);
  assert.deepEqual(
    await ask('/echo', { method: 'POST', headers: JSON_HEADERS, body: '{"a":[1]}' }),
    [200, '{"a":[1]}'],
  );
});

test('an error of ours is answered with its status; another verb is 405', async (t) => {
  const { ask } = await setUp(t);
  assert.deepEqual(await ask('/closed'), [
    404,
    '{"code":"adminroutestest.closed","message":"Not today."}',
  ]);
  assert.equal((await ask('/echo'))[0], 405);
  assert.equal((await ask('/routes', { method: 'POST' }))[0], 405);
});

test('a body that is no JSON, or too large, or that any web page could send, is refused', async (t) => {
  const { ask } = await setUp(t);
  const bodies = [
    { headers: JSON_HEADERS, body: '{' },
    { headers: JSON_HEADERS, body: JSON.stringify('a'.repeat(70_000)) },
    { headers: { 'content-type': 'text/plain' }, body: '{}' },
  ];
  for (const init of bodies)
    assert.equal((await ask('/echo', { method: 'POST', ...init }))[0], 400);
});

test('no two questions share a path and a verb', async (t) => {
  const { routes } = await setUp(t);
  assert.throws(() => routes.add({ verb: 'GET', path: '/routes', respond: () => ({}) }), /already/);
});
