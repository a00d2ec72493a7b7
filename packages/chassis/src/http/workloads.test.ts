/** One application on both listeners: plain and by mutual TLS, with groups of routes of their own form. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { defineErrors } from '@gatehouse/errors';
import {
  createTestAuthority,
  startTestService,
  type TestAuthority,
  type TestService,
} from '@gatehouse/testing';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { traceIds } from '../telemetry/log.ts';
import { TlsFiles } from '../tls/tls-files.ts';
import {
  type HttpListener,
  httpListener,
  peerOf,
  type RouteGroup,
  sendResponse,
  workloadListener,
} from './listener.ts';

const deskErrors = defineErrors('desk', {
  STORE: ['UNAVAILABLE', 'The store is unavailable.'],
  WHO: ['UNAUTHENTICATED', 'The form names nobody.'],
});
const exporter = new InMemorySpanExporter();
const files: TlsFiles[] = [];
let authority: TestAuthority;
let stranger: TestAuthority;
let service: TestService;
let plain: HttpListener;
let workloads: HttpListener;

const form: RouteGroup = {
  body: 'form',
  maxBodyBytes: 16,
  errorResponse: ({ error, status, headers }) => ({
    status: status === 415 ? 400 : status,
    headers: { ...headers, pragma: 'no-cache', 'www-authenticate': 'Basic' },
    contentType: 'application/json',
    body: JSON.stringify({ error: error.code }),
  }),
  routes: (app) => {
    app.post('/form', async ({ body }) => {
      assert.ok(Buffer.isBuffer(body));
      if (body.length === 0) throw deskErrors.WHO();
      if (body.equals(Buffer.from('a=away'))) throw deskErrors.STORE({ retryAfterSeconds: 1 });
      return { form: body.toString(), ...traceIds() };
    });
  },
};

before(async () => {
  [authority, stranger] = await Promise.all([
    createTestAuthority(),
    createTestAuthority({ trustDomain: 'other.example' }),
  ]);
  service = await startTestService({
    name: 'desk',
    authority,
    env: { GATEHOUSE_HTTP_PORT: '0' },
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
    build: async (context) => {
      const options = {
        maxBodyBytes: 64,
        groups: [form],
        routes: (app: Parameters<RouteGroup['routes']>[0]) => {
          app.get('/document', async (incoming, reply) =>
            sendResponse(reply, {
              headers: { 'cache-control': 'public, max-age=5' },
              contentType: 'application/jwk-set+json',
              body: JSON.stringify({ peer: peerOf(incoming) ?? 'nobody' }),
            }),
          );
          app.post('/json', async ({ body }) => ({ json: body }));
        },
      };
      const made = httpListener(context, options);
      assert.ok(made);
      plain = made;
      workloads = workloadListener(context, { ...options, port: 0 });
      return { implementations: [], listeners: [plain, workloads] };
    },
  });
});

after(async () => {
  for (const each of files) each.close();
  await service.close();
  await Promise.all([authority.close(), stranger.close()]);
});

const url = (path: string): string => `http://127.0.0.1:${plain.port}${path}`;
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

async function asWorkload(folder: string, path: string) {
  const tls = new TlsFiles(folder);
  files.push(tls);
  const outgoing = request({
    ...tls.connectOptions('spiffe://gatehouse.local/desk'),
    host: '127.0.0.1',
    port: workloads.port,
    path,
    agent: false,
  }).end();
  const [response] = await once(outgoing, 'response');
  return { status: Number(response.statusCode), body: JSON.parse(await text(response)) };
}

test('a document comes with its type and its life, also to HEAD', async () => {
  for (const method of ['GET', 'HEAD']) {
    const response = await fetch(url('/document'), { method });
    assert.equal(response.headers.get('content-type'), 'application/jwk-set+json');
    assert.equal(response.headers.get('cache-control'), 'public, max-age=5');
    assert.equal(await response.text(), method === 'GET' ? '{"peer":"nobody"}' : '');
  }
});

test('a workload of the trust domain is known by its certificate', async () => {
  const { status, body } = await asWorkload(await authority.folderFor('gateway'), '/document');
  assert.deepEqual([status, body], [200, { peer: 'spiffe://gatehouse.local/gateway' }]);
});

test('a peer that is no workload of the trust domain is denied on every path, and logged', async () => {
  const other = { type: 'url' as const, value: 'spiffe://other.example/gateway' };
  for (const path of ['/document', '/nothing']) {
    const folder = await authority.folderWith(await authority.issue({ names: [other] }));
    const { status, body } = await asWorkload(folder, path);
    assert.deepEqual([status, body.code], [403, 'http.not_a_workload']);
  }
  const line = service.logLines
    .map((each) => JSON.parse(each))
    .find(({ code }) => code === 'http.not_a_workload');
  assert.equal(line.reason, 'the peer is of another trust domain');
  assert.equal(line.address, '127.0.0.1');
  assert.ok(line.traceId);
});

test('a certificate of another authority gets no connection at all', async () => {
  const theirs = await stranger.folderFor('gateway');
  await assert.rejects(asWorkload(theirs, '/document'));
});

test('a group takes its own bodies, with its own limit, and its errors have its own form', async () => {
  const cases = [
    [{ headers: FORM, body: 'a=1' }, 200, undefined],
    [{ headers: FORM, body: '' }, 401, 'desk.who'],
    [{ headers: FORM, body: 'a=away' }, 503, 'desk.store'],
    [{ headers: FORM, body: 'x'.repeat(17) }, 413, 'http.body_too_large'],
    [{ headers: { 'content-type': 'application/json' }, body: '{}' }, 400, 'http.media_type'],
  ] as const;
  for (const [init, status, error] of cases) {
    const response = await fetch(url('/form'), { method: 'POST', ...init });
    const body = JSON.parse(await response.text());
    assert.deepEqual([response.status, body.error], [status, error]);
    if (status === 200) continue;
    assert.equal(response.headers.get('pragma'), 'no-cache');
    assert.equal(response.headers.get('cache-control'), 'no-store');
    assert.equal(response.headers.get('www-authenticate'), 'Basic');
    assert.equal(response.headers.get('retry-after'), status === 503 ? '1' : null);
  }
  const rest = await fetch(url('/form'), { method: 'GET' });
  assert.equal(rest.status, 405);
  assert.equal(rest.headers.get('allow'), 'POST');
  assert.equal(JSON.parse(await rest.text()).code, 'http.method_not_allowed');
});

test('JSON outside the group is a text, and is strictly UTF-8', async () => {
  const post = (body: Uint8Array<ArrayBuffer>) =>
    fetch(url('/json'), { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const good = await post(new TextEncoder().encode('"é"'));
  assert.deepEqual(await good.json(), { json: '"é"' });
  const bad = await post(Uint8Array.from([0x22, 0xff, 0x22]));
  assert.equal(bad.status, 400);
  assert.equal(JSON.parse(await bad.text()).code, 'common.invalid_input');
});

test('a success, a failure and an outage each leave a span, a metric and, when they failed, a line', async () => {
  exporter.reset();
  const parent = '4bf92f3577b34da6a3ce929d0e0e4736';
  const headers = { ...FORM, traceparent: `00-${parent}-00f067aa0ba902b7-01` };
  const before = service.logLines.length;
  for (const body of ['a=1', '', 'a=away']) {
    const response = await fetch(url('/form'), { method: 'POST', headers, body });
    const { traceId = parent } = JSON.parse(await response.text());
    assert.equal(traceId, parent);
  }
  // The responses are here before the server has ended their spans.
  for (let left = 50; left > 0; left -= 1) await turn();
  const spans = exporter.getFinishedSpans();
  assert.deepEqual(
    spans.map((span) => [span.name, span.spanContext().traceId, span.attributes['error.type']]),
    [
      ['POST /form', parent, undefined],
      ['POST /form', parent, 'desk.who'],
      ['POST /form', parent, 'desk.store'],
    ],
  );
  const lines = service.logLines.slice(before).map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ level, code, route, traceId }) => [level, code, route, traceId]),
    [
      ['info', 'desk.who', '/form', parent],
      ['warn', 'desk.store', '/form', parent],
    ],
  );
  const metrics = await (await fetch(`${service.adminUrl}/metrics`)).text();
  for (const status of [200, 401, 503]) {
    const labels = `http_request_method="POST",http_route="/form",http_response_status_code="${status}"`;
    assert.ok(metrics.includes(`http_server_request_duration_count{${labels}}`), `${status}`);
  }
});
