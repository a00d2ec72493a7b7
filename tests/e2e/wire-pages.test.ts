/** The pages of the edge on the wire: what a browser is told, and what it is not given. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { target } from './support/config.ts';
import { call, GATEWAYS } from './support/edge.ts';
import { assertProblem } from './support/problem.ts';

const PAGES = ['/', '/docs', '/traces'] as const;

for (const path of [...PAGES, '/openapi.json'] as const) {
  test(`${path}: GET and HEAD, and no other method`, async () => {
    const got = await call(`GET ${path}`);
    assert.equal(got.status, 200);
    assert.match(got.headers.get('x-request-id') ?? '', /^[0-9a-f]{32}$/);
    const head = await call(`HEAD ${path}`);
    assert.deepEqual([head.status, head.text], [200, '']);
    assert.equal(head.headers.get('content-type'), got.headers.get('content-type'));
    const options = await call(`OPTIONS ${path}`);
    assert.deepEqual([options.status, options.headers.get('allow')], [204, 'GET, HEAD, OPTIONS']);
    for (const verb of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const refused = await call(`${verb} ${path}`, { body: {} });
      assertProblem(refused, 405);
      assert.equal(refused.headers.get('allow'), 'GET, HEAD, OPTIONS');
    }
  });
}

test('every gateway has the pages, under a policy that lets nothing else in', async () => {
  for (const gateway of GATEWAYS) {
    for (const path of PAGES) {
      const { headers, text } = await call(`GET ${path}`, { gateway });
      assert.equal(headers.get('content-type'), 'text/html; charset=utf-8');
      assert.match(
        headers.get('content-security-policy') ?? '',
        /^default-src 'none'; style-src 'sha/,
      );
      assert.doesNotMatch(headers.get('content-security-policy') ?? '', /unsafe/);
      assert.match(text, /^<!doctype html>/);
    }
  }
});

test('a page looks at no token, and a path beside it is nothing', async () => {
  assert.equal((await call('GET /docs', { token: 'nonsense' })).status, 200);
  for (const path of ['/docs/', '/traces/x', '/index.html', '/openapi.yaml', '/assets/docs.js']) {
    assertProblem(await call(`GET ${path as '/docs/'}`), 404);
  }
});

test('the document names the calls that there are', async () => {
  const { body } = await call<{ openapi: string; paths: Record<string, object> }>(
    'GET /openapi.json',
  );
  assert.equal(body.openapi, '3.1.1');
  assert.deepEqual(Object.keys(body.paths['/board/v1/posts'] ?? {}).sort(), ['get', 'post']);
});

test('traces are not for a page of another site that was led here by name', async () => {
  assert.deepEqual(
    await Promise.all(['localhost', 'evil.example'].map((host) => statusFor('/traces', host))),
    [200, 404],
  );
});

/** The status of a GET that names another host than the one it goes to. */
function statusFor(path: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, target().edges[0]), { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('error', reject).end();
  });
}
