import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { StartOptions } from '@gatehouse/chassis';
import { context, TraceFlags, trace } from '@opentelemetry/api';
import { edgeErrors } from '../errors.ts';
import { ask } from '../test-support/ask.ts';
import { testIncoming } from '../test-support/incoming.ts';
import { issuer, type TestPipelineOptions, testPipeline } from '../test-support/pipeline.ts';

type Processor = NonNullable<StartOptions['spanProcessors']>[number];
type EndedSpan = Parameters<Processor['onEnd']>[0];

const CLIENT_TRACE = 'c'.repeat(32);

function setUp(t: TestContext, options: TestPipelineOptions = {}) {
  const spans: EndedSpan[] = [];
  const processor: Processor = {
    onStart: () => undefined,
    onEnd: (span) => spans.push(span),
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
  const pipeline = testPipeline({ spanProcessors: [processor], ...options });
  t.after(() => pipeline.close());
  const lines = () =>
    pipeline.lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  const get = (target: string, change: Parameters<typeof testIncoming>[0] = {}) =>
    ask(pipeline.handle, testIncoming({ target, ...change }));
  return { ...pipeline, spans, lines, get };
}

test('a request is one span, named by verb and template, and one line', async (t) => {
  const { get, spans, lines } = setUp(t, { forward: async () => new Uint8Array() });
  const token = issuer.accessToken({ scope: 'board:read', sub: 'usr_1' });
  const rawHeaders = ['Host', 'edge', 'Authorization', `Bearer ${token}`];
  const answer = await get('/board/v1/posts/p1', { rawHeaders });
  const [span] = spans;
  assert.equal(span?.name, 'GET /board/v1/posts/{post_id}');
  assert.equal(span.parentSpanContext, undefined);
  assert.deepEqual(span.attributes, {
    'http.request.method': 'GET',
    'http.response.status_code': 200,
    'http.route': '/board/v1/posts/{post_id}',
    'client.address': '192.0.2.1',
    'rpc.method': 'gatehouse.board.v1.BoardService/GetPost',
    'gatehouse.decision': 'allow',
    'gatehouse.subject_kind': 'person',
    'gatehouse.subject': 'usr_1',
    'gatehouse.token_scope': 'board:read',
  });
  const { traceId } = span.spanContext();
  assert.equal(answer.headers['x-request-id'], traceId);
  const [line] = lines();
  assert.deepEqual(
    [line?.verb, line?.route, line?.status, line?.address, line?.traceId, typeof line?.ms],
    ['GET', '/board/v1/posts/{post_id}', 200, '192.0.2.1', traceId, 'number'],
  );
});

test('what a stage throws is a response, and said in span and log', async (t) => {
  const { get, spans, lines } = setUp(t, { forward: () => Promise.reject(new Error('cause')) });
  assert.equal((await get('/nowhere')).status, 404);
  assert.equal(spans[0]?.name, 'GET');
  assert.equal(spans[0].attributes['error.type'], 'gateway.not_found');
  const broken = await get('/auth/v1/login', { method: 'POST' });
  assert.equal(broken.status, 500);
  assert.ok(!Buffer.from(broken.body ?? []).includes('cause'));
  assert.deepEqual(
    lines().map(({ level, code }) => [level, code]),
    [
      ['info', 'gateway.not_found'],
      ['error', 'common.internal'],
    ],
  );
});

test('what a client made up is no failure of ours: no warning, no stack, no failed span', async (t) => {
  const { get, lines, spans } = setUp(t);
  assert.equal((await get('/', { method: 'TRACE' })).status, 501);
  const [line] = lines();
  assert.deepEqual([line?.level, line?.err, spans[0]?.status.code], ['info', undefined, 0]);
});

test('a method that a client made up does not become a name', async (t) => {
  const { get, spans, telemetry } = setUp(t);
  for (const method of ['EVIL', 'CONNECT', 'PROPFIND', 'get', 'M-SEARCH']) {
    assert.equal((await get('/', { method })).status, 501);
  }
  assert.equal(spans[0]?.name, '_OTHER');
  assert.ok(!(await telemetry.metricsText()).includes('EVIL'));
});

test('the trace of a client is linked to, never joined', async (t) => {
  const { get, spans } = setUp(t);
  for (const traceparent of [`00-${CLIENT_TRACE}-${'d'.repeat(16)}-01`, 'rubbish']) {
    await get('/', { rawHeaders: ['Host', 'edge', 'Traceparent', traceparent] });
  }
  assert.deepEqual(
    spans.map(({ links }) => links.map(({ context }) => context.traceId)),
    [[CLIENT_TRACE], []],
  );
  assert.notEqual(spans[0]?.spanContext().traceId, CLIENT_TRACE);
});

test('a page of the edge’s own is marked as one', async (t) => {
  const { get, spans } = setUp(t);
  assert.equal((await get('/docs')).status, 200);
  assert.equal(spans[0]?.attributes['gatehouse.page'], '/docs');
});

test('what is no request is counted and logged, without a span', async (t) => {
  const { observer, spans, lines, telemetry } = setUp(t);
  const answer = observer.wireFault({ error: edgeErrors.FRAMING(), headers: {} }, '192.0.2.1');
  assert.equal(answer.status, 400);
  assert.deepEqual(spans, []);
  assert.equal(lines()[0]?.code, 'gateway.framing');
  assert.match(await telemetry.metricsText(), /gatehouse_edge_requests_total\{.*_OTHER.*\} 1/);
});

test('where the gateway exports nothing, a service that does still has its traces', async (t) => {
  const asked: (number | undefined)[] = [];
  const forward = async () => {
    asked.push(trace.getSpanContext(context.active())?.traceFlags);
    return new Uint8Array();
  };
  const { get } = setUp(t, { forward, spanProcessors: [] });
  const token = issuer.accessToken({ scope: 'board:read', sub: 'usr_1' });
  const rawHeaders = ['Host', 'edge', 'Authorization', `Bearer ${token}`];
  assert.equal((await get('/board/v1/posts/p1', { rawHeaders })).status, 200);
  assert.deepEqual(asked, [TraceFlags.SAMPLED]);
});
