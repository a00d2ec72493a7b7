import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fastify, { type FastifyInstance } from 'fastify';
import {
  brokenVerifier,
  good,
  HTTP_CASES,
  keylessVerifier,
  verifier,
} from '../test-support/bearer.ts';
import { accessClaims } from '../test-support/forge.ts';
import { ask } from '../test-support/request.ts';
import { bearerAuth } from './fastify.ts';

async function serve(t: TestContext, build: (app: FastifyInstance) => unknown) {
  const app = fastify();
  t.after(() => app.close());
  await build(app);
  return Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
}

test('each Authorization gets its answer', async (t) => {
  const auth = bearerAuth({ verifier });
  const port = await serve(t, async (app) => {
    await app.register(auth);
    app.get('/', async (request) => auth.principal(request).subject);
  });
  for (const { name, authorization, status, challenge } of HTTP_CASES) {
    const answer = await ask(port, '/', authorization);
    assert.equal(answer.status, status, name);
    assert.equal(answer.headers['www-authenticate'], challenge, name);
    if (status === 200) assert.equal(answer.body, accessClaims.sub);
    else assert.match(String(answer.headers['content-type']), /^application\/problem\+json/);
  }
});

test('the plugin guards its siblings and children, and what does not exist', async (t) => {
  const port = await serve(t, async (app) => {
    await app.register(bearerAuth({ verifier }));
    await app.register(async (child) => child.get('/child', async () => 'in'));
  });
  assert.equal((await ask(port, '/child', [])).status, 401);
  assert.equal((await ask(port, '/nowhere', [])).status, 401);
  assert.equal((await ask(port, '/child', [`Bearer ${good}`])).status, 200);
});

test('in a child of its own, the plugin leaves the rest open', async (t) => {
  const port = await serve(t, async (app) => {
    app.get('/open', async () => 'in');
    await app.register(async (child) => {
      await child.register(bearerAuth({ verifier }));
      child.get('/closed', async () => 'in');
    });
  });
  assert.equal((await ask(port, '/open', [])).status, 200);
  assert.equal((await ask(port, '/closed', [])).status, 401);
});

test('a route can demand scopes and roles, without the plugin before it', async (t) => {
  const auth = bearerAuth({ verifier });
  const port = await serve(t, (app) => {
    const demands = { '/no': { scopes: ['board:delete'] }, '/yes': { roles: ['member'] } };
    for (const [path, demand] of Object.entries(demands)) {
      app.get(path, { onRequest: auth.require(demand) }, async () => 'in');
    }
  });
  const answer = await ask(port, '/no', [`Bearer ${good}`]);
  assert.equal(answer.status, 403);
  assert.match(String(answer.headers['www-authenticate']), /scope="board:delete"/);
  assert.equal((await ask(port, '/yes', [`Bearer ${good}`])).status, 200);
  assert.equal((await ask(port, '/yes', [])).status, 401);
});

test('requests that come over no socket are guarded too', async () => {
  const auth = bearerAuth({ verifier });
  const app = fastify();
  await app.register(auth);
  app.get('/', async (request) => auth.principal(request).subject);
  assert.equal((await app.inject({ url: '/' })).statusCode, 401);
  const headers = { authorization: `Bearer ${good}` };
  assert.equal((await app.inject({ url: '/', headers })).statusCode, 200);
  await app.close();
});

test('without keys: 503 with Retry-After, and no challenge', async (t) => {
  const auth = bearerAuth({ verifier: keylessVerifier });
  const port = await serve(t, (app) => app.register(auth));
  const answer = await ask(port, '/', [`Bearer ${good}`]);
  assert.equal(answer.status, 503);
  assert.equal(answer.headers['retry-after'], '1');
  assert.equal(answer.headers['www-authenticate'], undefined);
});

test('a fault goes to the error handler', async (t) => {
  const port = await serve(t, async (app) => {
    app.setErrorHandler((_error, _request, reply) => reply.code(500).send('ours'));
    await app.register(bearerAuth({ verifier: brokenVerifier }));
  });
  const answer = await ask(port, '/', [`Bearer ${good}`]);
  assert.deepEqual([answer.status, answer.body], [500, 'ours']);
});
