/** The whole edge over real sockets: a fake auth, a board on the chassis, two gateways. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { Call } from '@gatehouse/chassis';
import { METHODS } from '@gatehouse/contracts';
import { BoardService } from '@gatehouse/contracts/gen/gatehouse/board/v1/board_pb.ts';
import { commonErrors } from '@gatehouse/errors';
import {
  createTestAuthority,
  implementPartly,
  startTestService,
  type TestAuthority,
  type TestService,
} from '@gatehouse/testing';
import { buildGateway } from './app.ts';
import { AUDIENCE, createFakeAuth, ISSUER } from './test-support/fake-auth.ts';

const GATEWAY = 'spiffe://gatehouse.local/gateway';

/** Every service whose methods have paths needs an upstream. Of these no test makes one answer. */
const AWAY = [...new Set(METHODS.map(({ service }) => service))]
  .filter((service) => service !== 'auth' && service !== 'board')
  .map((service) => `${service}=localhost:1`)
  .join(',');

/** The calls that arrived at a service, latest last. */
const calls: Call[] = [];
const fakeAuth = createFakeAuth((call) => calls.push(call));

let authority: TestAuthority;
let auth: TestService;
let board: TestService;
let gateways: readonly { service: TestService; port: number }[] = [];

before(async () => {
  authority = await createTestAuthority();
  auth = await startTestService({ authority, name: 'auth', build: fakeAuth.build });
  const upstreams = `auth=localhost:${auth.grpcPort}`;
  const env = {
    GATEHOUSE_KEYS_URL: fakeAuth.keysUrl(),
    GATEHOUSE_ISSUER: ISSUER,
    GATEHOUSE_EDGE_AUDIENCE: AUDIENCE,
    GATEHOUSE_HTTP_PORT: '0',
  };
  board = await startTestService({
    authority,
    name: 'board',
    build: buildBoard,
    env: { ...env, GATEHOUSE_UPSTREAMS: upstreams },
  });
  const all = `${AWAY},${upstreams},board=localhost:${board.grpcPort}`;
  const startGateway = async () => {
    const service = await startTestService({
      authority,
      name: 'gateway',
      build: buildGateway,
      env: { ...env, GATEHOUSE_UPSTREAMS: all },
    });
    await ready(service);
    return { service, port: portOf(service) };
  };
  gateways = await Promise.all([startGateway(), startGateway()]);
});

after(async () => {
  await Promise.all(gateways.map(({ service }) => service.close()));
  await board.close();
  await auth.close();
  await authority.close();
});

function portOf({ logLines }: TestService): number {
  const line = logLines.find((text) => text.includes('edge listening'));
  return JSON.parse(line ?? '{}').port;
}

async function ready({ adminUrl }: TestService): Promise<void> {
  for (;;) {
    if ((await fetch(`${adminUrl}/readyz`)).ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function buildBoard() {
  return {
    implementations: [
      implementPartly(BoardService, {
        createPost: (request, call) => {
          calls.push(call);
          return { postId: 'p1', title: request.title, authorId: call.subject.id };
        },
        getPost: ({ postId }, call) => {
          calls.push(call);
          if (postId === 'crash') throw new Error('secret of the service');
          if (postId === 'away') throw commonErrors.UNAVAILABLE({ retryAfterSeconds: 7 });
          return { postId };
        },
        deletePost: (_request, call) => {
          calls.push(call);
          return {};
        },
      }),
    ],
  };
}

const token = fakeAuth.token;

interface Sent {
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly gateway?: number;
  readonly port?: number;
}

async function ask(line: string, sent: Sent = {}) {
  const [method = '', path = ''] = line.split(' ');
  const port = sent.port ?? gateways[sent.gateway ?? 0]?.port;
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: {
      ...(sent.token === undefined ? {} : { authorization: `Bearer ${sent.token}` }),
      ...(sent.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...sent.headers,
    },
    ...(sent.body === undefined ? {} : { body: JSON.stringify(sent.body) }),
  });
  const text = await response.text();
  const json = text === '' ? undefined : JSON.parse(text);
  return { status: response.status, headers: response.headers, json };
}

test('a signed-in person’s request arrives with a passport, by every gateway', async () => {
  const kids = new Set<string>();
  for (const gateway of [0, 1]) {
    const body = { title: 'a', body: 'b' };
    const answer = await ask('POST /board/v1/posts', { token: token(), body, gateway });
    assert.equal(answer.status, 201, JSON.stringify(answer.json));
    assert.deepEqual(answer.json, { postId: 'p1', title: 'a', body: '', authorId: 'usr_1' });
    assert.match(answer.headers.get('x-request-id') ?? '', /^[0-9a-f]{32}$/);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    const call = calls.at(-1);
    assert.equal(call?.caller, GATEWAY);
    assert.equal(call?.passport?.scope, 'board:write');
    assert.equal(call?.passport?.rctx.addr, '127.0.0.1');
    const [head = ''] = call?.passportToken?.split('.') ?? [];
    kids.add(JSON.parse(Buffer.from(head, 'base64url').toString()).kid);
  }
  assert.equal(kids.size, 2, 'each gateway has its own key');
});

test('an anonymous method gets an anonymous passport, whatever token comes along', async () => {
  const body = { email: 'a@b.example', password: 'not-a-real-one' };
  const answer = await ask('POST /auth/v1/login', { body, token: 'stale' });
  assert.equal(answer.status, 200, JSON.stringify(answer.json));
  assert.equal(calls.at(-1)?.subject.kind, 'anonymous');
});

test('no token, a bad one, too little scope', async () => {
  const none = await ask('GET /board/v1/posts/p1');
  assert.equal(none.status, 401);
  assert.equal(none.headers.get('www-authenticate'), 'Bearer');
  assert.equal(none.headers.get('content-type'), 'application/problem+json');
  assert.equal(none.json.traceId, none.headers.get('x-request-id'));
  const bad = await ask('GET /board/v1/posts/p1', { token: 'rubbish' });
  assert.equal(bad.status, 401);
  assert.match(bad.headers.get('www-authenticate') ?? '', /error="invalid_token"/);
  const scant = await ask('GET /board/v1/posts/p1', { token: token({ scope: 'user:read' }) });
  assert.equal(scant.status, 403);
  assert.match(scant.headers.get('www-authenticate') ?? '', /insufficient_scope.*board:read/);
});

test('paths and methods: 404, 405 with Allow, OPTIONS, HEAD, an empty 204', async () => {
  const mine = token();
  assert.equal((await ask('GET /board/v1/nothing', { token: mine })).status, 404);
  assert.equal((await ask('GET /board/v1/posts/p1/', { token: mine })).status, 404);
  const put = await ask('PUT /board/v1/posts/p1', { token: mine });
  assert.equal(put.status, 405);
  assert.equal(put.headers.get('allow'), 'GET, HEAD, PATCH, DELETE, OPTIONS');
  const options = await ask('OPTIONS /board/v1/posts/p1');
  assert.deepEqual([options.status, options.headers.get('allow')], [204, put.headers.get('allow')]);
  const head = await ask('HEAD /board/v1/posts/p1', { token: mine });
  assert.deepEqual([head.status, head.json], [200, undefined]);
  const gone = await ask('DELETE /board/v1/posts/p1', { token: mine });
  assert.deepEqual([gone.status, gone.json], [204, undefined]);
});

test('the fields at fault are named, by the edge and by the service', async () => {
  const atEdge = await ask('POST /board/v1/posts', {
    token: token(),
    body: { title: 1, colour: 'x' },
  });
  assert.equal(atEdge.status, 400);
  assert.deepEqual(
    atEdge.json.errors.map(({ pointer }: { pointer: string }) => pointer),
    ['/title', '/colour'],
  );
  const atService = await ask('POST /board/v1/posts', { token: token(), body: { title: '' } });
  assert.equal(atService.status, 400);
  assert.ok(atService.json.errors.some(({ pointer }: { pointer: string }) => pointer === '/title'));
});

test('what a service fails with: 503 with its time, 500 with nothing, 503 when nobody is there', async () => {
  const away = await ask('GET /board/v1/posts/away', { token: token() });
  assert.deepEqual([away.status, away.headers.get('retry-after')], [503, '7']);
  const crash = await ask('GET /board/v1/posts/crash', { token: token() });
  assert.deepEqual([crash.status, crash.json.code], [500, 'common.internal']);
  assert.ok(!JSON.stringify(crash.json).includes('secret'));
  const nobody = await ask('GET /user/v1/users/me', { token: token() });
  assert.deepEqual([nobody.status, nobody.json.code], [503, 'gateway.upstream_away']);
  assert.ok(nobody.headers.get('retry-after'));
});

test('passport headers of the client, in any spelling, do not reach the service', async () => {
  const forged = { 'Txn-Token': 'f1', txn_token: 'f2', 'TXN.TOKEN': 'f3', 'txn-token-bin': 'f4' };
  const answer = await ask('GET /board/v1/posts/p1', { token: token(), headers: forged });
  assert.equal(answer.status, 200);
  assert.equal(calls.at(-1)?.passport?.sub, 'usr_1');
  const anonymous = await ask('GET /board/v1/posts/p1', { headers: forged });
  assert.equal(anonymous.status, 401);
});

test('GETs share a passport until their session ends; then no gateway admits it', async () => {
  const mine = token({ sid: 'ses_ending' });
  const get = (gateway: number) => ask('GET /board/v1/posts/p1', { token: mine, gateway });
  assert.deepEqual([(await get(0)).status, (await get(0)).status], [200, 200]);
  assert.equal(calls.at(-1)?.passportToken, calls.at(-2)?.passportToken);
  assert.equal((await get(1)).status, 200);
  const value = { sessionId: 'ses_ending', expiresAt: timestampFromMs(Date.now() + 900_000) };
  fakeAuth.tell({ event: { case: 'sessionRevoked', value } });
  for (const gateway of [0, 1]) {
    const giveUpMs = Date.now() + 10_000;
    let answer = await get(gateway);
    while (answer.status !== 401 && Date.now() < giveUpMs) answer = await get(gateway);
    assert.equal(answer.status, 401);
  }
});

test('without auth a gateway is not ready, and says 503 rather than yes or no', async (t) => {
  const lost = await startTestService({
    authority,
    name: 'gateway',
    build: buildGateway,
    env: {
      GATEHOUSE_KEYS_URL: 'https://localhost:1',
      GATEHOUSE_ISSUER: ISSUER,
      GATEHOUSE_EDGE_AUDIENCE: AUDIENCE,
      GATEHOUSE_HTTP_PORT: '0',
      GATEHOUSE_UPSTREAMS: `${AWAY},auth=localhost:1,board=localhost:${board.grpcPort}`,
    },
  });
  t.after(() => lost.close());
  const readiness = await fetch(`${lost.adminUrl}/readyz`);
  assert.equal(readiness.status, 503);
  const { checks } = (await readiness.json()) as { checks: Record<string, { ok: boolean }> };
  for (const name of ['revocation feed', 'access keys', 'passport-key'])
    assert.equal(checks[name]?.ok, false);
  const port = portOf(lost);
  for (const line of ['GET /board/v1/posts/p1', 'POST /auth/v1/login']) {
    const answer = await ask(line, { token: token(), port });
    assert.deepEqual([answer.status, answer.json.code], [503, 'gateway.not_ready']);
    assert.ok(answer.headers.get('retry-after'));
  }
  assert.equal((await ask('GET /board/v1/posts/p1', { port })).status, 401);
});

test('bytes that are no request get a problem, and are counted', async () => {
  const { port, service } = gateways[0] ?? assert.fail();
  const answer = await new Promise<string>((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\nHost: a\n\n'));
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()));
    socket.on('error', reject);
  });
  assert.match(answer, /^HTTP\/1\.1 400 .*gateway\.framing/s);
  const metrics = await (await fetch(`${service.adminUrl}/metrics`)).text();
  assert.match(metrics, /gatehouse_edge_requests.*_OTHER/);
  assert.match(metrics, /http_route="\/board\/v1\/posts\/\{post_id\}"/);
});

test('the access log has a line per request, and no token, query or body', async () => {
  const mine = token();
  await ask('GET /board/v1/posts/p1', { token: mine });
  await ask('GET /board/v1/posts?pageToken=secret-in-query', { token: mine });
  await ask('POST /board/v1/posts', { token: mine, body: { title: 'secret-in-body' } });
  const lines = gateways[0]?.service.logLines ?? [];
  const last = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'request');
  assert.ok(
    last.some(
      ({ verb, route, status, traceId }) =>
        verb === 'GET' && route === '/board/v1/posts/{post_id}' && status === 200 && traceId,
    ),
  );
  const text = lines.join('');
  assert.ok(!text.includes(mine) && !text.includes('secret-in') && !text.includes('eyJ'));
});
