import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createLogger, type StartOptions, startTelemetry } from '@gatehouse/chassis';
import { edgeErrors } from '../errors.ts';
import { createObserver, linkClientTrace } from './observe.ts';

type Processor = NonNullable<StartOptions['spanProcessors']>[number];
type EndedSpan = Parameters<Processor['onEnd']>[0];

const OK = { status: 200, headers: { 'content-type': 'application/json' } };
const CLIENT_TRACE = 'c'.repeat(32);

function setUp(t: TestContext) {
  const spans: EndedSpan[] = [];
  const lines: Record<string, unknown>[] = [];
  const telemetry = startTelemetry({
    name: 'gateway',
    spanProcessors: [
      {
        onStart: () => undefined,
        onEnd: (span) => spans.push(span),
        forceFlush: () => Promise.resolve(),
        shutdown: () => Promise.resolve(),
      },
    ],
  });
  t.after(() => telemetry.close());
  const log = createLogger({
    name: 'gateway',
    level: 'info',
    destination: { write: (line: string) => void lines.push(JSON.parse(line)) },
  });
  return { observer: createObserver({ telemetry, log }), spans, lines, telemetry };
}

test('a request is one span, named by verb and template, and one line', async (t) => {
  const { observer, spans, lines } = setUp(t);
  const answer = await observer.observe('GET', async (trail) => {
    trail.template = '/board/v1/posts/{post_id}';
    trail.address = '192.0.2.1';
    trail.methodId = 'gatehouse.board.v1.BoardService/GetPost';
    trail.decision = 'allow';
    trail.subjectKind = 'person';
    return OK;
  });
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
  });
  const { traceId } = span.spanContext();
  assert.equal(answer.headers['x-request-id'], traceId);
  const [line] = lines;
  assert.deepEqual(
    [line?.verb, line?.route, line?.status, line?.address, line?.traceId, typeof line?.ms],
    ['GET', '/board/v1/posts/{post_id}', 200, '192.0.2.1', traceId, 'number'],
  );
});

test('what a stage throws is answered, and said in span and log', async (t) => {
  const { observer, spans, lines } = setUp(t);
  const refused = await observer.observe('GET', () => Promise.reject(edgeErrors.NOT_FOUND()));
  assert.equal(refused.status, 404);
  assert.equal(spans[0]?.name, 'GET');
  assert.equal(spans[0].attributes['error.type'], 'gateway.not_found');
  const broken = await observer.observe('GET', () => Promise.reject(new Error('cause')));
  assert.equal(broken.status, 500);
  assert.ok(!Buffer.from(broken.body ?? []).includes('cause'));
  assert.deepEqual(
    lines.map(({ level, code }) => [level, code]),
    [
      ['info', 'gateway.not_found'],
      ['error', 'common.internal'],
    ],
  );
});

test('what a client made up is no failure of ours: no warning, no stack, no failed span', async (t) => {
  const { observer, spans, lines } = setUp(t);
  const answer = await observer.observe('TRACE', () => Promise.reject(edgeErrors.METHOD_UNKNOWN()));
  assert.equal(answer.status, 501);
  assert.deepEqual([lines[0]?.level, lines[0]?.err, spans[0]?.status.code], ['info', undefined, 0]);
});

test('a method that a client made up does not become a name', async (t) => {
  const { observer, spans, telemetry } = setUp(t);
  await observer.observe('EVIL', () => Promise.reject(edgeErrors.METHOD_UNKNOWN()));
  assert.equal(spans[0]?.name, '_OTHER');
  assert.ok(!(await telemetry.metricsText()).includes('EVIL'));
});

test('the trace of a client is linked to, never joined', async (t) => {
  const { observer, spans } = setUp(t);
  await observer.observe('GET', async () => {
    linkClientTrace(`00-${CLIENT_TRACE}-${'d'.repeat(16)}-01`);
    linkClientTrace('rubbish');
    linkClientTrace(undefined);
    return OK;
  });
  assert.deepEqual(
    spans[0]?.links.map(({ context }) => context.traceId),
    [CLIENT_TRACE],
  );
  assert.notEqual(spans[0]?.spanContext().traceId, CLIENT_TRACE);
});

test('what is no request is counted and logged, without a span', async (t) => {
  const { observer, spans, lines, telemetry } = setUp(t);
  const answer = observer.wireFault({ error: edgeErrors.FRAMING(), headers: {} }, '192.0.2.1');
  assert.equal(answer.status, 400);
  assert.deepEqual(spans, []);
  assert.equal(lines[0]?.code, 'gateway.framing');
  assert.match(await telemetry.metricsText(), /gatehouse_edge_requests_total\{.*_OTHER.*\} 1/);
});
