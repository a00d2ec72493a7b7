/** Stages of a team's own, in the whole pipeline, on both backends. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { ForwardedCall } from '../forward/grpc/forwarder.ts';
import { ask } from '../test-support/ask.ts';
import { stages as example, maintenance } from '../test-support/example-stages.ts';
import { httpRoute } from '../test-support/http-route.ts';
import { testIncoming } from '../test-support/incoming.ts';
import { issuer, type Revoked, testPipeline } from '../test-support/pipeline.ts';
import { proxyEdge } from '../test-support/proxy-edge.ts';
import type { GatewayStages } from './stages.ts';

const GUIDE = new URL('../../../../docs/guides/extend-the-gateway.md', import.meta.url);
const EXAMPLE = new URL('../test-support/example-stages.ts', import.meta.url);
const NO_BODY = new Uint8Array();

function grpc(t: TestContext, stages: GatewayStages, revoked: Revoked = {}) {
  const calls: ForwardedCall[] = [];
  const forward = async (call: ForwardedCall) => {
    calls.push(call);
    return NO_BODY;
  };
  const { handle, close } = testPipeline({ forward, revoked, parts: { stages } });
  t.after(close);
  const token = issuer.accessToken({ scope: 'board:read board:write', sid: 'ses_1' });
  const send = (method: string, target: string, headers: readonly string[] = []) => {
    const rawHeaders = ['Host', 'edge', 'Authorization', `Bearer ${token}`, ...headers];
    return ask(handle, testIncoming({ method, target, rawHeaders }));
  };
  return { calls, send, token };
}

async function http(t: TestContext, stages: GatewayStages) {
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers);
    response.setHeader('x-shop-route', 'the upstream says so');
    response.end('stock');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const routes = [httpRoute({ methods: ['GET', 'POST'] })];
  const edge = await proxyEdge(t, port, { routes, parts: { stages } });
  const send = (method: string, headers: Record<string, string> = {}) =>
    fetch(`http://127.0.0.1:${edge.port}/stock`, { method, headers });
  return { seen, send };
}

const only = (change: Partial<GatewayStages>): GatewayStages => ({
  beforeDecision: [],
  onResponse: [],
  ...change,
});

test('the example of the guide is the one that runs here', () => {
  const [code = ''] = readFileSync(EXAMPLE, 'utf8')
    .split(/^import [^;]*;\n/gm)
    .slice(-1);
  assert.ok(readFileSync(GUIDE, 'utf8').includes(code.trim()));
});

test('the example, before a gRPC service', async (t) => {
  const { calls, send } = grpc(t, example);
  const response = await send('GET', '/board/v1/posts/p1', ['X-Channel', 'app']);
  assert.equal(response.status, 200);
  assert.equal(response.headers['x-shop-route'], 'grpc');
  assert.deepEqual(calls[0]?.metadata, new Map([['x-shop-channel', 'app']]));
  t.after(() => {
    maintenance.on = false;
  });
  maintenance.on = true;
  const denied = await send('POST', '/board/v1/posts');
  assert.equal(denied.status, 503);
  assert.equal(JSON.parse(Buffer.from(denied.body ?? []).toString()).code, 'shop.closed');
  assert.deepEqual(
    [denied.headers['retry-after'], denied.headers['x-shop-help']],
    ['60', 'status.shop.example'],
  );
  assert.equal(calls.length, 1);
});

test('the example, before an HTTP service', async (t) => {
  const { seen, send } = await http(t, example);
  const response = await send('GET', { 'x-shop-channel': 'forged' });
  assert.equal(await response.text(), 'stock');
  assert.equal(response.headers.get('x-shop-route'), 'http');
  assert.equal(seen[0]?.['x-shop-channel'], 'web-guest');
  t.after(() => {
    maintenance.on = false;
  });
  maintenance.on = true;
  assert.equal((await send('POST')).status, 503);
  assert.equal(seen.length, 1);
});

test('a stage runs in its order, may wait, and never allows what the rule denies', async (t) => {
  const order: string[] = [];
  const stages = only({
    beforeDecision: [
      async () => {
        await Promise.resolve();
        order.push('first');
      },
      () => void order.push('second'),
    ],
  });
  const { calls, send } = grpc(t, stages);
  assert.equal((await send('GET', '/board/v1/posts/p1')).status, 200);
  const denied = await send('GET', '/user/v1/users/me');
  assert.equal(denied.status, 403);
  assert.equal(JSON.parse(Buffer.from(denied.body ?? []).toString()).code, 'access.scope');
  assert.deepEqual([order, calls.length], [['first', 'second', 'first', 'second'], 1]);
});

test('a session that ends while a stage waits gets no passport any more', async (t) => {
  const revoked: Revoked = {};
  const ending = only({
    beforeDecision: [
      async () => {
        await Promise.resolve();
        revoked.sid = 'ses_1';
      },
    ],
  });
  const { calls, send } = grpc(t, ending, revoked);
  assert.equal((await send('GET', '/board/v1/posts/p1')).status, 401);
  assert.equal(calls.length, 0);
});

test('a stage sees no token, and sets no header that is reserved', async (t) => {
  const names = ['txn-token', 'Authorization', 'x_forwarded_for', 'grpc-timeout', 'content-length'];
  for (const name of names) {
    const stages = only({
      beforeDecision: [({ setRequestHeader }) => setRequestHeader(name, 'x')],
    });
    const { calls, send } = grpc(t, stages);
    assert.equal((await send('GET', '/board/v1/posts/p1')).status, 500, name);
    assert.equal(calls.length, 0);
  }
  let seen: string | undefined = 'not asked';
  const look = only({
    beforeDecision: [
      ({ header }) => {
        seen = header('authorization');
      },
    ],
  });
  await grpc(t, look).send('GET', '/board/v1/posts/p1');
  assert.equal(seen, undefined);
});

test('a stage that fails on the response takes its place: 500, and nothing of it is passed on', async (t) => {
  const stages = only({
    onResponse: [
      () => {
        throw new Error('cause');
      },
    ],
  });
  const called = await grpc(t, stages).send('GET', '/board/v1/posts/p1');
  assert.equal(called.status, 500);
  const { send } = await http(t, stages);
  const response = await send('GET');
  assert.equal(response.status, 500);
  assert.ok(!(await response.text()).includes('stock'));
});
