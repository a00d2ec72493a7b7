/** The edge's manners over real sockets: limits, CORS, and what each answer carries. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { METHODS } from '@gatehouse/contracts';
import {
  createTestAuthority,
  startTestService,
  type TestAuthority,
  type TestService,
} from '@gatehouse/testing';
import { buildGateway } from './app.ts';
import { AUDIENCE, createFakeAuth, ISSUER } from './test-support/fake-auth.ts';

const APP = 'https://app.example';
/** Every service whose methods have paths needs an upstream; no test makes one answer. */
const AWAY = [...new Set(METHODS.map(({ service }) => service))]
  .filter((service) => service !== 'auth')
  .map((service) => `${service}=localhost:1`)
  .join(',');
const PER_SECOND = 20;

const fakeAuth = createFakeAuth(() => undefined);
let authority: TestAuthority;
let auth: TestService;
let gateway: TestService;
let edge: string;

before(async () => {
  authority = await createTestAuthority();
  auth = await startTestService({ authority, name: 'auth', build: fakeAuth.build });
  gateway = await startTestService({
    authority,
    name: 'gateway',
    build: buildGateway,
    env: {
      GATEHOUSE_KEYS_URL: fakeAuth.keysUrl(),
      GATEHOUSE_ISSUER: ISSUER,
      GATEHOUSE_EDGE_AUDIENCE: AUDIENCE,
      GATEHOUSE_HTTP_PORT: '0',
      GATEHOUSE_UPSTREAMS: `auth=localhost:${auth.grpcPort},${AWAY}`,
      GATEHOUSE_TRUSTED_PROXIES: '127.0.0.1',
      GATEHOUSE_CORS_ORIGINS: APP,
      GATEHOUSE_RATE_PER_SECOND: String(PER_SECOND),
      GATEHOUSE_RATE_BURST: '0',
    },
  });
  const line = gateway.logLines.find((text) => text.includes('edge listening'));
  edge = `http://127.0.0.1:${JSON.parse(line ?? '{}').port}`;
});

after(async () => {
  await gateway.close();
  await auth.close();
  await authority.close();
});

/** As a client that our proxy speaks for. */
function ask(client: string, headers: Record<string, string> = {}, method = 'GET') {
  const url = new URL('/board/v1/posts', edge);
  return fetch(url, { method, headers: { 'x-forwarded-for': client, ...headers } });
}

test('above its limit a client gets 429 that says when to come again; another client does not', async () => {
  for (let sent = 1; ; sent += 1) {
    assert.ok(sent < 100 * PER_SECOND, 'was never refused');
    const answer = await ask('203.0.113.1');
    const body = await answer.text();
    assert.match(answer.headers.get('ratelimit-policy') ?? '', /^"second";q=20;w=1, "burst";q=0/);
    if (answer.status === 401) continue;
    assert.equal(answer.status, 429);
    assert.equal(answer.headers.get('retry-after'), '1');
    assert.match(answer.headers.get('ratelimit') ?? '', /^"second";r=0;t=1$/);
    assert.equal(JSON.parse(body).code, 'gateway.too_many_requests');
    break;
  }
  const other = await ask('203.0.113.2');
  await other.text();
  assert.equal(other.status, 401);
});

test('each answer has an id, and headers that keep a browser from doing more with it', async () => {
  const answer = await ask('203.0.113.3');
  const problem = (await answer.json()) as { readonly traceId: string };
  assert.equal(answer.headers.get('x-request-id'), problem.traceId);
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  assert.match(answer.headers.get('content-security-policy') ?? '', /^default-src 'none'/);
  assert.equal(answer.headers.get('access-control-allow-origin'), null);
});

test('a page of an allowed origin may ask and read, refusals too; no other may', async () => {
  const asks = { 'access-control-request-method': 'POST' };
  const preflight = await ask('203.0.113.4', { origin: APP, ...asks }, 'OPTIONS');
  assert.equal(preflight.status, 204);
  assert.match(preflight.headers.get('access-control-allow-methods') ?? '', /POST/);
  const refused = await ask('203.0.113.4', { origin: APP });
  await refused.text();
  assert.equal(refused.status, 401);
  assert.equal(refused.headers.get('access-control-allow-origin'), APP);
  const stranger = await ask('203.0.113.4', { origin: 'https://evil.example', ...asks }, 'OPTIONS');
  assert.equal(stranger.headers.get('access-control-allow-origin'), null);
});
