/** The platform's gateway with a file of routes to services that are not ours. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ConfigError } from '@gatehouse/chassis';
import { METHODS } from '@gatehouse/contracts';
import {
  createTestAuthority,
  startTestService,
  type TestAuthority,
  type TestService,
} from '@gatehouse/testing';
import { buildGateway } from './app.ts';
import { AUDIENCE, createFakeAuth, ISSUER } from './test-support/fake-auth.ts';

const fakeAuth = createFakeAuth(() => undefined);
const seen: IncomingHttpHeaders[] = [];
const shop = createServer((request, response) => {
  seen.push(request.headers);
  response.end(`shop ${request.url}`);
});

let authority: TestAuthority;
let auth: TestService;
let gateway: TestService;
let edge: string;
let env: Record<string, string>;
const folder = mkdtempSync(join(tmpdir(), 'gateway-file-'));
const path = join(folder, 'gateway.yaml');

function fileText(more = ''): string {
  const { port } = shop.address() as AddressInfo;
  return `upstreams: { shop: { addresses: ["127.0.0.1:${port}"] } }
routes:
  - { name: shop, path: "/shop/{path=**}", methods: [GET], rule: { subject: SIGNED_IN, scopes: board:read, fresh: true }, upstream: shop }
  - { name: web, path: "/{path=**}", methods: [GET], rule: { subject: ANYONE }, upstream: shop }
${more}`;
}

before(async () => {
  shop.listen(0, '127.0.0.1');
  await once(shop, 'listening');
  writeFileSync(path, fileText());
  authority = await createTestAuthority();
  auth = await startTestService({ authority, name: 'auth', build: fakeAuth.build });
  const others = [...new Set(METHODS.map(({ service }) => service))].filter(
    (name) => name !== 'auth',
  );
  env = {
    GATEHOUSE_KEYS_URL: fakeAuth.keysUrl(),
    GATEHOUSE_ISSUER: ISSUER,
    GATEHOUSE_EDGE_AUDIENCE: AUDIENCE,
    GATEHOUSE_HTTP_PORT: '0',
    GATEHOUSE_GATEWAY_FILE: path,
    GATEHOUSE_UPSTREAMS: [
      `auth=localhost:${auth.grpcPort}`,
      ...others.map((name) => `${name}=localhost:1`),
    ].join(','),
  };
  gateway = await startTestService({ authority, name: 'gateway', build: buildGateway, env });
  while (!(await fetch(`${gateway.adminUrl}/readyz`)).ok) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const line = gateway.logLines.find((text) => text.includes('edge listening'));
  edge = `http://127.0.0.1:${JSON.parse(line ?? '{}').port}`;
});

after(async () => {
  await gateway?.close();
  await auth?.close();
  await authority?.close();
  shop.close();
  rmSync(folder, { recursive: true });
});

async function get(target: string, token?: string) {
  const headers: Record<string, string> =
    token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await fetch(edge + target, { headers });
  return { status: answer.status, text: await answer.text() };
}

test('an external service gets a passport of the trust domain for the platform\u2019s own tokens', async () => {
  assert.equal((await get('/shop/tea')).status, 401);
  const answer = await get('/shop/tea?x', fakeAuth.token());
  assert.deepEqual(answer, { status: 200, text: 'shop /shop/tea?x' });
  const [, payload = ''] = String(seen.at(-1)?.['txn-token']).split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<
    string,
    unknown
  >;
  assert.equal(claims.iss, 'spiffe://gatehouse.local/gateway');
  assert.deepEqual(claims.tctx, { method: 'http:shop' });
});

test('contracts come first, then the file, then the pages of the edge', async () => {
  assert.match((await get('/board/v1/posts/p1', fakeAuth.token())).text, /gateway\.upstream_away/);
  assert.match((await get('/auth/v1/login')).text, /method_not_allowed/);
  assert.equal((await get('/')).text, 'shop /');
  assert.equal((await get('/docs')).text, 'shop /docs');
});

test('routes and upstreams are told of at the admin port', async () => {
  const routes = await (await fetch(`${gateway.adminUrl}/routes`)).text();
  assert.match(routes, /"method":"http:shop","service":"shop"/);
  assert.match(await (await fetch(`${gateway.adminUrl}/upstreams`)).text(), /"name":"shop"/);
});

test('a file that is wrong, or claims a path of a contract, does not start', async () => {
  const wrong = join(folder, 'wrong.yaml');
  const claims = `  - { name: mine, path: "/board/v1/posts/{id}", methods: [GET], rule: { subject: ANYONE }, upstream: shop }\n`;
  writeFileSync(wrong, fileText(claims));
  const start = (file: string) =>
    startTestService({
      ...{ authority, name: 'gateway', build: buildGateway },
      env: { ...env, GATEHOUSE_GATEWAY_FILE: file },
    });
  await assert.rejects(start(wrong), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.match(error.message, /wrong\.yaml:5:25: GET \/board\/v1\/posts\/\{id\} is served by/);
    return true;
  });
  await assert.rejects(start(join(folder, 'gone.yaml')), ConfigError);
});
