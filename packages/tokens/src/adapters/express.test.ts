// Over node:http, which calls a middleware as Express does; Express itself: tests/packages.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { type TestContext, test } from 'node:test';
import {
  brokenVerifier,
  good,
  HTTP_CASES,
  keylessVerifier,
  verifier,
} from '../test-support/bearer.ts';
import { ask, listen } from '../test-support/request.ts';
import { bearerAuth, type Middleware } from './express.ts';

const auth = bearerAuth({ verifier });

async function serve(t: TestContext, middleware: Middleware, principalOf = auth.principal) {
  const server = createServer((request, response) => {
    middleware(request, response, (error) => {
      if (error === undefined) response.end(principalOf(request).subject);
      else response.writeHead(500).end();
    });
  });
  t.after(() => server.close());
  return await listen(server);
}

test('each Authorization gets its answer', async (t) => {
  const port = await serve(t, auth);
  for (const { name, authorization, status, challenge } of HTTP_CASES) {
    const answer = await ask(port, '/', authorization);
    assert.equal(answer.status, status, name);
    assert.equal(answer.headers['www-authenticate'], challenge, name);
    if (status === 200) continue;
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    assert.equal(JSON.parse(answer.body).status, status);
  }
});

test('a route can demand scopes and roles, without the middleware before it', async (t) => {
  const port = await serve(t, auth.require({ scopes: ['board:delete'] }));
  const answer = await ask(port, '/', [`Bearer ${good}`]);
  assert.equal(answer.status, 403);
  assert.equal(
    answer.headers['www-authenticate'],
    'Bearer error="insufficient_scope", scope="board:delete"',
  );
  const open = await serve(t, auth.require({ scopes: ['board:write'], roles: ['member'] }));
  assert.equal((await ask(open, '/', [`Bearer ${good}`])).status, 200);
});

test('without keys: 503 with Retry-After, and no challenge', async (t) => {
  const port = await serve(t, bearerAuth({ verifier: keylessVerifier }));
  const answer = await ask(port, '/', [`Bearer ${good}`]);
  assert.equal(answer.status, 503);
  assert.equal(answer.headers['retry-after'], '1');
  assert.equal(answer.headers['www-authenticate'], undefined);
});

test('a fault goes to next', async (t) => {
  const port = await serve(t, bearerAuth({ verifier: brokenVerifier }));
  assert.equal((await ask(port, '/', [`Bearer ${good}`])).status, 500);
});
