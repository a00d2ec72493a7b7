/** A service's own HTTP listener over real sockets: what it answers, refuses, tells, and how it ends. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { currentFlow } from '@gatehouse/client';
import { defineErrors } from '@gatehouse/errors';
import {
  createTestAuthority,
  startTestService,
  type TestAuthority,
  type TestService,
} from '@gatehouse/testing';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { withSpan } from '../telemetry/spans.ts';
import { type HttpListener, httpListener } from './listener.ts';

const shelfErrors = defineErrors('shelf', {
  AWAY: ['UNAVAILABLE', 'The shelf is unavailable.'],
});
const exporter = new InMemorySpanExporter();
let authority: TestAuthority;
let service: TestService;
let listener: HttpListener;
const held = Promise.withResolvers<void>();
const asked = Promise.withResolvers<void>();

// A service that ends shuts its exporter down.
function exporterOf(env: Readonly<Record<string, string>>): InMemorySpanExporter {
  return 'GATEHOUSE_HTTP_PORT' in env ? exporter : new InMemorySpanExporter();
}

async function start(env: Readonly<Record<string, string>>): Promise<{
  readonly service: TestService;
  readonly listener: HttpListener | undefined;
}> {
  let made: HttpListener | undefined;
  const running = await startTestService({
    name: 'shelf',
    authority,
    env,
    spanProcessors: [new SimpleSpanProcessor({ exporter: exporterOf(env) })],
    build: async (context) => {
      made = httpListener(context, {
        maxBodyBytes: 64,
        routes: (app) => {
          app.addHook('onRequest', async (incoming, reply) => {
            if (incoming.headers.authorization === 'none') return reply.code(401).send();
            return undefined;
          });
          app.post('/shelf/:id', async (incoming) => {
            const { tracer } = context.telemetry;
            return withSpan({ tracer, name: 'inside' }, async () => ({ got: incoming.body }));
          });
          app.get('/away', async () => {
            throw shelfErrors.AWAY({ retryAfterSeconds: 2 });
          });
          app.get('/left', async () => ({ leftMs: (currentFlow().deadlineMs ?? 0) - Date.now() }));
          app.post('/left', async () => ({ leftMs: (currentFlow().deadlineMs ?? 0) - Date.now() }));
          app.get('/broken', async () => {
            throw new Error('the key is hunter2');
          });
          app.get('/slow', async () => {
            asked.resolve();
            await held.promise;
            return { done: true };
          });
        },
      });
      return { implementations: [], listeners: made === undefined ? [] : [made] };
    },
  });
  return { service: running, listener: made };
}

before(async () => {
  authority = await createTestAuthority();
  const started = await start({ GATEHOUSE_HTTP_PORT: '0' });
  assert.ok(started.listener);
  ({ service, listener } = { ...started, listener: started.listener });
});

after(async () => {
  await service.close();
  await authority.close();
});

const url = (path: string): string => `http://127.0.0.1:${listener.port}${path}`;
const json = { 'content-type': 'application/json' };

test('without its setting there is no listener', async () => {
  const { service: other, listener: none } = await start({});
  assert.equal(none, undefined);
  await other.close();
});

test('a request has a span below its caller, with the route and not the path', async () => {
  exporter.reset();
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const answer = await fetch(url('/shelf/usr_secret'), {
    method: 'POST',
    headers: { ...json, traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
    body: '{"a":1}',
  });
  assert.deepEqual(await answer.json(), { got: '{"a":1}' });
  // The answer is here before the server has closed its books on it.
  for (let left = 50; left > 0; left -= 1) await turn();
  const spans = exporter.getFinishedSpans();
  const server = spans.find(({ name }) => name === 'POST /shelf/:id');
  assert.ok(server);
  assert.equal(server.spanContext().traceId, traceId);
  assert.equal(server.attributes['http.response.status_code'], 200);
  const inside = spans.find(({ name }) => name === 'inside');
  assert.equal(inside?.parentSpanContext?.spanId, server.spanContext().spanId);
  assert.ok(!JSON.stringify(server.attributes).includes('usr_secret'));
  const metrics = await (await fetch(`${service.adminUrl}/metrics`)).text();
  assert.match(metrics, /http_server_request_duration\S*_count\{.*POST.*\/shelf\/:id.*200.*\} 1/);
});

test('the time that a caller leaves goes on into the calls that its request makes', async () => {
  const leftOf = async (init: RequestInit) => {
    const headers = { ...json, 'gatehouse-timeout-ms': '5000' };
    const answer = await fetch(url('/left'), { ...init, headers });
    return ((await answer.json()) as { leftMs: number }).leftMs;
  };
  for (const init of [{}, { method: 'POST', body: '{}' }]) {
    const leftMs = await leftOf(init);
    assert.ok(leftMs > 0 && leftMs <= 5_000, `${leftMs}`);
  }
});

test('a hook refuses before the body is read', async () => {
  const outgoing = request(url('/shelf/1'), {
    method: 'POST',
    headers: { ...json, authorization: 'none', 'content-length': '50' },
  });
  outgoing.on('error', () => undefined);
  // Its body never comes.
  outgoing.flushHeaders();
  const [answer] = await once(outgoing, 'response');
  assert.equal(answer.statusCode, 401);
  assert.equal(await text(answer), '');
  outgoing.destroy();
});

test('what is wrong is a problem with the closest status', async () => {
  const post = (headers: Record<string, string>, body: string) => ({
    method: 'POST',
    headers,
    body,
  });
  const cases = [
    ['/nothing', {}, 404, 'http.no_such_path'],
    ['/away', { method: 'DELETE' }, 405, 'http.method_not_allowed'],
    ['/shelf/1', post(json, 'x'.repeat(65)), 413, 'http.body_too_large'],
    ['/shelf/1', post({ 'content-type': 'text/xml' }, '<a/>'), 415, 'http.media_type'],
    ['/%', {}, 400, 'http.bad_request'],
    ['/away', {}, 503, 'shelf.away'],
    ['/broken', {}, 500, 'common.internal'],
  ] as const;
  for (const [path, init, status, code] of cases) {
    const answer = await fetch(url(path), init);
    const body: Record<string, unknown> = JSON.parse(await answer.text());
    assert.deepEqual([answer.status, body.code, body.status], [status, code, status], path);
    assert.equal(answer.headers.get('content-type'), 'application/problem+json');
    if (status === 405) assert.equal(answer.headers.get('allow'), 'GET, HEAD');
    if (status === 503) assert.equal(answer.headers.get('retry-after'), '2');
    assert.ok(!JSON.stringify(body).includes('hunter2'));
  }
  const failed = service.logLines.map((line) => JSON.parse(line));
  assert.equal(failed.filter(({ msg }) => msg === 'a request failed').length, 1);
});

test('in the drain what is in flight is answered, and nothing new is taken', async () => {
  const agent = new Agent({ keepAlive: true });
  const outgoing = request(url('/slow'), { agent }).end();
  await asked.promise;
  const closing = service.close();
  held.resolve();
  const [answer] = await once(outgoing, 'response');
  assert.equal(await text(answer), '{"done":true}');
  await closing;
  await assert.rejects(fetch(url('/away')));
  agent.destroy();
});
