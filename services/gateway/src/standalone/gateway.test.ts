/** A standalone gateway over real sockets: issuer's keys in a file, one upstream, stock HTTP. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startStandalone } from '@gatehouse/chassis/standalone';
import {
  createGatewayPassportVerifier,
  createRemoteKeySet,
  generateSigningKey,
  type SigningKey,
  toPublicJwk,
} from '@gatehouse/tokens';
import { filesBeside } from '../file/named-files.ts';
import { readStandaloneFile } from '../file/read-file.ts';
import type { UpstreamState } from '../forward/http/upstream-client.ts';
import { externalToken } from '../test-support/external-token.ts';
import { type BuiltGateway, buildStandalone } from './gateway.ts';

const ISSUER = 'https://login.example';
const key = generateSigningKey('ES256');

interface Seen {
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

async function upstream(t: TestContext) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    seen.push({ url: request.url, headers: request.headers });
    response.end('from the upstream');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { seen, address: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function fileText(
  address: string,
  change: { readonly issuer?: string; readonly route?: string } = {},
) {
  return `listen: { port: 0, admin_port: 0 }
issuers:
  - issuer: ${change.issuer ?? ISSUER}
    audience: shop
    key_file: keys.json
    roles_claim: groups
passports: { issuer: https://edge.shop.example, audience: shop.internal }
upstreams:
  shop: { addresses: ["${address}"] }
routes:
  - { name: read, path: "/orders/{id}", methods: [GET], rule: { subject: SIGNED_IN, scopes: orders:read }, upstream: shop }
  - { name: close, path: /close, methods: [POST], rule: { subject: SIGNED_IN, roles: admin }, upstream: shop }
  - { name: hello, path: ${change.route ?? '/hello'}, methods: [GET], rule: { subject: ANYONE }, upstream: shop }
`;
}

async function start(t: TestContext) {
  const { seen, address } = await upstream(t);
  const folder = mkdtempSync(join(tmpdir(), 'gateway-standalone-'));
  const path = join(folder, 'gateway.yaml');
  const write = (text: string): void => writeFileSync(path, text);
  writeFileSync(join(folder, 'keys.json'), JSON.stringify({ keys: [toPublicJwk(key)] }));
  write(fileText(address));
  const text = fileText(address);
  const read = (content: string) => readStandaloneFile(content, filesBeside(dirname(path)));
  const reading = read(text);
  assert.ok(reading.ok, JSON.stringify(reading));
  let built: BuiltGateway | undefined;
  const running = await startStandalone({
    name: 'gateway',
    logLevel: 'silent',
    adminPort: 0,
    build: async (context) => {
      built = await buildStandalone(context, { path, text, read, value: reading.value });
      return [built.listener];
    },
  });
  t.after(async () => {
    await running.close();
    rmSync(folder, { recursive: true });
  });
  const edge = `http://127.0.0.1:${built?.listener.port()}`;
  const admin = `http://127.0.0.1:${running.adminPort}`;
  const get = (target: string, token?: string, init: RequestInit = {}) =>
    fetch(edge + target, {
      ...init,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    });
  const reload = async (content: string): Promise<void> => {
    write(content);
    await built?.file.reload();
  };
  return { edge, admin, seen, get, reload, address };
}

function token(change: object = {}, by: SigningKey = key): string {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const claims = { iss: ISSUER, aud: 'shop', sub: 'auth0|ada', scope: 'orders:read extra' };
  return externalToken(by, { ...claims, iat: nowSeconds - 1, exp: nowSeconds + 300, ...change });
}

test('a token of another issuer becomes a passport that its published key verifies', async (t) => {
  const { edge, get, seen } = await start(t);
  const answer = await get('/orders/7?full=1', token());
  assert.deepEqual([answer.status, await answer.text()], [200, 'from the upstream']);
  const [{ url, headers } = assert.fail()] = seen;
  assert.equal(url, '/orders/7?full=1');
  assert.equal(headers.authorization, undefined, 'the token ends at the edge');
  const keys = createRemoteKeySet({ url: `${edge}/.well-known/txn-jwks.json` });
  await keys.start();
  t.after(() => keys.close());
  const options = { issuer: 'https://edge.shop.example', audience: 'shop.internal', keys };
  const passport = await createGatewayPassportVerifier(options).verify(
    String(headers['txn-token']),
  );
  assert.equal(passport.sub, 'auth0|ada');
  assert.equal(passport.scope, 'orders:read', 'no more than the rule asks for');
  assert.deepEqual(passport.tctx, { method: 'http:read' });
  assert.deepEqual(passport.rctx, { addr: '127.0.0.1', iss: ISSUER });
});

test('rules are asked: no token, a bad one, a scope or a role that is missing', async (t) => {
  const { get, seen } = await start(t);
  const stranger = generateSigningKey('ES256');
  assert.equal((await get('/orders/7')).status, 401);
  assert.equal((await get('/orders/7', 'nonsense')).status, 401);
  assert.equal((await get('/orders/7', token({}, stranger))).status, 401);
  assert.equal((await get('/orders/7', token({ exp: 1, iat: 0 }))).status, 401);
  assert.equal((await get('/orders/7', token({ scope: 'other' }))).status, 403);
  assert.equal((await get('/close', token(), { method: 'POST' })).status, 403);
  assert.equal((await get('/hello', 'nonsense')).status, 401, 'never anonymous');
  assert.equal(seen.length, 0);
  assert.equal((await get('/close', token({ groups: ['admin'] }), { method: 'POST' })).status, 200);
  assert.equal((await get('/hello')).status, 200);
  assert.equal((await get('/elsewhere', token())).status, 404);
  assert.equal((await get('/hello', undefined, { method: 'POST' })).status, 405);
});

test('hundreds of groups in a token do not break its passport', async (t) => {
  const { get } = await start(t);
  const groups = [...Array.from({ length: 300 }, (_, index) => `group-${index}`), 'admin'];
  assert.equal((await get('/close', token({ groups }), { method: 'POST' })).status, 200);
});

test('another file is taken up whole, and a wrong one never', async (t) => {
  const { get, reload, admin, address } = await start(t);
  await reload(fileText(address, { route: '/moved' }));
  assert.deepEqual([(await get('/hello')).status, (await get('/moved')).status], [404, 200]);
  await reload(fileText(address, { route: 'wrong' }));
  assert.equal((await get('/moved')).status, 200);
  const file = (await (await fetch(`${admin}/file`)).json()) as { problems: string[] };
  assert.match(file.problems[0] ?? '', /gateway\.yaml:13:\d+: A path begins with a slash/);
  const ready = await fetch(`${admin}/readyz`);
  assert.equal(ready.status, 200);
  assert.match(await ready.text(), /is invalid; the previous one stays in use/);
  assert.match(await (await fetch(`${admin}/metrics`)).text(), /gatehouse_gateway_file_refused 1/);
  await reload(fileText(address));
  assert.equal((await get('/hello')).status, 200);
  assert.match(await (await fetch(`${admin}/metrics`)).text(), /gatehouse_gateway_file_refused 0/);
});

test('an issuer that the file leaves out is out at once, cached tokens too', async (t) => {
  const { get, reload, address } = await start(t);
  const own = token();
  assert.equal((await get('/orders/7', own)).status, 200);
  await reload(fileText(address, { issuer: 'https://other.example' }));
  assert.equal((await get('/orders/7', own)).status, 401);
  assert.equal((await get('/orders/7', token({ iss: 'https://other.example' }))).status, 200);
});

test('routes and explain tell of it at the admin port', async (t) => {
  const { admin } = await start(t);
  const { routes } = (await (await fetch(`${admin}/routes`)).json()) as {
    routes: readonly Record<string, unknown>[];
  };
  assert.deepEqual(
    routes.map(({ verb, path, method, service }) => [verb, path, method, service]),
    [
      ['GET', '/orders/{id}', 'http:read', 'shop'],
      ['POST', '/close', 'http:close', 'shop'],
      ['GET', '/hello', 'http:hello', 'shop'],
    ],
  );
  const explain = async (question: object) => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify(question);
    const answer = await fetch(`${admin}/explain`, { method: 'POST', headers, body });
    return (await answer.json()) as Record<string, unknown>;
  };
  const said = await explain({ method: 'GET', path: '/orders/a%20b?x', token: token() });
  assert.deepEqual(
    [said.decision, said.variables, said.subject],
    ['allow', { id: 'a b' }, { kind: 'person', id: 'auth0|ada' }],
  );
  const refused = await explain({ method: 'POST', path: '/close', token: token() });
  assert.deepEqual([refused.decision, refused.reason, refused.status], ['refuse', 'role', 403]);
  const other = await explain({ method: 'GET', path: '/hello', token: token({ aud: 'other' }) });
  assert.deepEqual(
    [other.status, other.why],
    [401, 'The access token is invalid, expired or revoked. The token is for another audience.'],
  );
  const nothing = await explain({ method: 'GET', path: '/a/../b' });
  assert.equal(nothing.reason, 'gateway.dot_segment');
  assert.equal((await explain({ method: 'GET', path: '/x', host: 'a.example' })).status, 404);
  const states = await (await fetch(`${admin}/upstreams`)).text();
  assert.match(states, /"name":"shop","addresses":\[\{"address":"127\.0\.0\.1:\d+","health":"up"/);
});

test('the admin port says how the upstreams are', async (t) => {
  const { admin, get, address } = await start(t);
  assert.equal((await get('/hello')).status, 200);
  const answer = await fetch(`${admin}/upstreams`);
  const { upstreams } = (await answer.json()) as { upstreams: readonly UpstreamState[] };
  const [state] = upstreams;
  assert.equal(state?.name, 'shop');
  const [first] = state.addresses;
  assert.deepEqual([first?.address, first?.health], [address, 'up']);
  assert.deepEqual([first?.inFlight, first?.openConnections], [0, 1]);
  const metrics = await (await fetch(`${admin}/metrics`)).text();
  assert.match(metrics, /gatehouse_upstream_connections\{.*upstream="shop".*\} 1/);
});
