import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { withFlow, withPassport } from '../flow.ts';
import { createTokenManager } from '../token/manager.ts';
import { createHttpTarget, type HttpTargetOptions } from './target.ts';

type Handle = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** A copy of a service, and the requests that it got. */
async function startEndpoint(t: TestContext, handle: Handle) {
  const requests: IncomingMessage[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    requests.push(request);
    handle(request, response, requests.length);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  t.after(close);
  return { url: `http://127.0.0.1:${port}`, port, requests, sockets, close };
}

async function setUp(
  t: TestContext,
  handles: readonly Handle[],
  options: Partial<HttpTargetOptions> = {},
) {
  const endpoints = await Promise.all(handles.map((handle) => startEndpoint(t, handle)));
  const target = createHttpTarget({
    name: 'shelf',
    addresses: endpoints.map(({ url }) => url),
    ...options,
  });
  t.after(() => target.close());
  return { target, endpoints };
}

const ok: Handle = (_request, response) => void response.end('ok');
const lose: Handle = (request) => void request.socket.destroy();
const say =
  (status: number, headers: Record<string, string> = {}): Handle =>
  (_request, response) =>
    void response.writeHead(status, headers).end(`${status}`);

function tokensFrom(t: TestContext) {
  let issued = 0;
  const tokens = createTokenManager({
    fetchToken: async () => {
      issued += 1;
      return { token: `token-${issued}`, lifeMs: 300_000 };
    },
  });
  t.after(() => tokens.close());
  return { tokens, issued: () => issued };
}

test('a call carries token, key, time that is left, and its own headers and body', async (t) => {
  const bodies: string[] = [];
  const read: Handle = (request, response) => {
    request.setEncoding('utf8').on('data', (text: string) => bodies.push(text));
    request.on('end', () => response.end('{"a":1}'));
  };
  const { tokens } = tokensFrom(t);
  const { target, endpoints } = await setUp(t, [read], { tokens });
  const response = await target.fetch('/things/1?x=%20', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Own': 'yes' },
    body: '{"ä":1}',
    idempotencyKey: 'k-1',
    timeoutMs: 2_000,
  });
  assert.deepEqual(await response.json(), { a: 1 });
  const [request] = endpoints[0]?.requests ?? [];
  assert.deepEqual([request?.method, request?.url], ['POST', '/things/1?x=%20']);
  assert.equal(request?.headers.authorization, 'Bearer token-1');
  assert.equal(request.headers['idempotency-key'], 'k-1');
  assert.equal(request.headers['x-own'], 'yes');
  assert.equal(request.headers['content-length'], '8');
  const left = Number(request.headers['gatehouse-timeout-ms']);
  assert.ok(left > 1_000 && left <= 2_000, `${left}`);
  assert.deepEqual(bodies, ['{"ä":1}']);
});

test('a base path goes before each path', async (t) => {
  const endpoint = await startEndpoint(t, ok);
  const target = createHttpTarget({ name: 'shelf', addresses: [`${endpoint.url}/v1/`] });
  t.after(() => target.close());
  await target.fetch('/things');
  assert.equal(endpoint.requests[0]?.url, '/v1/things');
});

test('the passport stays in the trust domain unless told otherwise; one that is needed must be there', async (t) => {
  const sent = async (options: Partial<HttpTargetOptions>) => {
    const { target, endpoints } = await setUp(t, [ok], options);
    await withPassport('p-1', () => target.fetch('/'));
    return endpoints[0]?.requests[0]?.headers['txn-token'];
  };
  assert.equal(await sent({}), undefined);
  assert.equal(await sent({ passport: 'if there is one' }), 'p-1');
  assert.equal(await sent({ passport: 'always' }), 'p-1');
  const { target, endpoints } = await setUp(t, [ok], { passport: 'always' });
  await assert.rejects(target.fetch('/'), { code: 'client.passport_missing' });
  assert.equal(endpoints[0]?.requests.length, 0, 'it did not leave');
});

test('the deadline of the call that is served bounds it, and one that has passed keeps it here', async (t) => {
  const { target, endpoints } = await setUp(t, [() => undefined]);
  const late = withFlow({ deadlineMs: Date.now() + 50 }, () => target.fetch('/'));
  await assert.rejects(late, { code: 'common.deadline' });
  const left = endpoints[0]?.requests.length;
  const over = withFlow({ deadlineMs: Date.now() - 1 }, () => target.fetch('/'));
  await assert.rejects(over, { code: 'common.deadline' });
  assert.equal(endpoints[0]?.requests.length, left);
});

test('what the target answers is the answer, whatever its status; a redirect is not followed', async (t) => {
  for (const status of [204, 302, 400, 404, 500]) {
    const { target, endpoints } = await setUp(t, [say(status, { location: '/elsewhere' })]);
    const response = await target.fetch('/');
    assert.equal(response.status, status);
    assert.equal(endpoints[0]?.requests.length, 1);
  }
});

test('a safe call goes to the other endpoint when one is lost or responds that it is unavailable', async (t) => {
  for (const ill of [lose, say(503)]) {
    const { target, endpoints } = await setUp(t, [ill, ok]);
    for (let i = 0; i < 4; i += 1) assert.equal((await target.fetch('/')).status, 200);
    assert.ok((endpoints[0]?.requests.length ?? 0) > 0);
  }
});

test('an unsafe call is not retried when it may have had its effect, but with a key it is', async (t) => {
  const { target, endpoints } = await setUp(t, [lose, lose]);
  await assert.rejects(target.fetch('/', { method: 'POST', body: 'x' }), {
    code: 'common.unavailable',
  });
  const asked = () => endpoints.reduce((sum, { requests }) => sum + requests.length, 0);
  assert.equal(asked(), 1);
  await assert.rejects(target.fetch('/', { method: 'POST', body: 'x', idempotencyKey: 'k' }), {
    code: 'common.unavailable',
  });
  assert.equal(asked(), 3);
});

test('what could not be sent goes to the other endpoint, safe or not', async (t) => {
  const gone = await startEndpoint(t, ok);
  await gone.close();
  const there = await startEndpoint(t, ok);
  const target = createHttpTarget({ name: 'shelf', addresses: [gone.url, there.url] });
  t.after(() => target.close());
  for (let i = 0; i < 4; i += 1) {
    assert.equal((await target.fetch('/', { method: 'POST', body: 'x' })).status, 200);
  }
  assert.equal(there.requests.length, 4);
});

test('a safe call over an idle connection that was gone is sent again to the same endpoint', async (t) => {
  // The second request of a connection finds it closing.
  const { target, endpoints } = await setUp(t, [
    (request, response, count) => {
      if (count === 2) request.socket.destroy();
      else response.end('ok');
    },
  ]);
  await target.fetch('/');
  await turn();
  assert.equal((await target.fetch('/')).status, 200);
  assert.equal(endpoints[0]?.requests.length, 3);
});

test('after a 401 the call is retried once, with another token, if its body is still there', async (t) => {
  const onlySecond: Handle = (request, response) => {
    request.resume().on('end', () => {
      const isGood = request.headers.authorization === 'Bearer token-2';
      response.writeHead(isGood ? 200 : 401).end();
    });
  };
  const { tokens, issued } = tokensFrom(t);
  const { target, endpoints } = await setUp(t, [onlySecond], { tokens });
  async function* stream() {
    yield Buffer.from('x');
  }
  const once = await target.fetch('/', { method: 'POST', body: stream() });
  assert.deepEqual([once.status, endpoints[0]?.requests.length], [401, 1]);
  const again = await target.fetch('/', { method: 'POST', body: 'x' });
  assert.deepEqual([again.status, endpoints[0]?.requests.length, issued()], [200, 3, 2]);
});

test('a 401 that stays is the answer, after two tries and one new token', async (t) => {
  const { tokens, issued } = tokensFrom(t);
  const { target, endpoints } = await setUp(t, [say(401)], { tokens });
  for (let i = 0; i < 10; i += 1) assert.equal((await target.fetch('/')).status, 401);
  assert.deepEqual([endpoints[0]?.requests.length, issued()], [11, 2]);
});

test('without a token of ours a 401 is the answer at once', async (t) => {
  const { target, endpoints } = await setUp(t, [say(401)]);
  assert.equal((await target.fetch('/')).status, 401);
  assert.equal(endpoints[0]?.requests.length, 1);
});

test('a target that fails is left alone', async (t) => {
  const { target, endpoints } = await setUp(t, [say(503)]);
  for (let i = 0; i < 20; i += 1) await target.fetch('/', { method: 'POST' });
  await assert.rejects(target.fetch('/'), { code: 'client.circuit_open' });
  assert.equal(endpoints[0]?.requests.length, 20);
});

test('an answer that is too large is an error, and its connection is ended', async (t) => {
  const endless: Handle = (_request, response) => {
    const more = (): void => {
      while (response.write(Buffer.alloc(65_536)));
    };
    response.on('drain', more);
    more();
  };
  const { target, endpoints } = await setUp(t, [endless], { maxResponseBytes: 100_000 });
  await assert.rejects(target.fetch('/'), { code: 'client.answer_too_large' });
  const [socket] = endpoints[0]?.sockets ?? [];
  assert.ok(socket);
  if (!socket.destroyed) await new Promise((resolve) => socket.once('close', resolve));
});

test('an interrupted response is lost, and a safe call retried', async (t) => {
  const broken: Handle = (_request, response, count) => {
    response.writeHead(200, { 'content-length': '10' }).write('half');
    if (count < 9) setImmediate(() => response.destroy());
  };
  const { target } = await setUp(t, [broken, ok]);
  for (let i = 0; i < 4; i += 1) assert.equal(await (await target.fetch('/')).text(), 'ok');
});

test('a signal ends a call, and blames nobody', async (t) => {
  const arrived = Promise.withResolvers<void>();
  const { target } = await setUp(t, [() => arrived.resolve()]);
  const caller = new AbortController();
  const call = assert.rejects(target.fetch('/', { signal: caller.signal }), {
    code: 'common.cancelled',
  });
  await arrived.promise;
  caller.abort();
  await call;
  await assert.rejects(target.fetch('/', { signal: AbortSignal.abort() }), {
    code: 'common.cancelled',
  });
});

test('a connection is used again', async (t) => {
  const { target, endpoints } = await setUp(t, [ok]);
  for (let i = 0; i < 10; i += 1) {
    await target.fetch('/');
    await turn();
  }
  assert.equal(endpoints[0]?.sockets.size, 1);
});

test('what cannot be sent is a TypeError, and what the executor sets cannot be set', async (t) => {
  const { target } = await setUp(t, [ok]);
  for (const path of ['things', '//evil.example', '/a b', '/a#b', '/ä', '']) {
    await assert.rejects(target.fetch(path), TypeError, path);
  }
  await assert.rejects(target.fetch('/', { method: 'get' }), TypeError);
  for (const name of ['Authorization', 'Txn-Token', 'Host', 'Transfer-Encoding']) {
    await assert.rejects(target.fetch('/', { headers: { [name]: 'x' } }), TypeError, name);
  }
});

test('an address is a plain base URL', () => {
  const at = (address: string) => createHttpTarget({ name: 'x', addresses: [address] });
  assert.throws(() => at('ftp://127.0.0.1'), TypeError);
  assert.throws(() => at(['http://user', 'x@127.0.0.1'].join(':')), TypeError);
  const peer = { spiffeId: 'spiffe://a/b', tls: { connectOptions: () => ({}) } };
  assert.throws(
    () => createHttpTarget({ name: 'x', addresses: ['http://127.0.0.1'], peer }),
    TypeError,
  );
});
