/** The collector over real sockets, and the bounds of what it keeps. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { type TestContext, test } from 'node:test';
import { startCollector } from './collector.ts';
import { readExport } from './otlp.ts';
import type { TraceSpan } from './span.ts';
import { createTraceStore, type TraceSummary } from './trace-store.ts';

const TRACE = 'a'.repeat(32);
const START = '1790000000000000000';

function wireSpan(overrides: Readonly<Record<string, unknown>> = {}) {
  return {
    traceId: TRACE,
    spanId: '1'.repeat(16),
    name: 'GET /shelves',
    kind: 2,
    startTimeUnixNano: START,
    endTimeUnixNano: '1790000000001500000',
    status: { code: 0 },
    attributes: [
      { key: 'http.route', value: { stringValue: '/shelves' } },
      { key: 'http.response.status_code', value: { intValue: 200 } },
      { key: 'fresh', value: { boolValue: true } },
      { key: 'list', value: { arrayValue: { values: [] } } },
    ],
    ...overrides,
  };
}

function exported(spans: readonly unknown[], service = 'gateway') {
  const attributes = [{ key: 'service.name', value: { stringValue: service } }];
  return { resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans }] }] };
}

function span(overrides: Partial<TraceSpan>): TraceSpan {
  const [made] = readExport(exported([wireSpan()]));
  assert.ok(made);
  return { ...made, ...overrides };
}

test('an export is read, with what does not matter left out', () => {
  assert.deepEqual(readExport(exported([wireSpan()])), [
    {
      traceId: TRACE,
      spanId: '1'.repeat(16),
      parentSpanId: '',
      service: 'gateway',
      name: 'GET /shelves',
      kind: 'SERVER',
      startMs: 1790000000000,
      durationMs: 1.5,
      failed: false,
      attributes: { 'http.route': '/shelves', 'http.response.status_code': 200, fresh: true },
    },
  ]);
});

test('what is no span is left out, whatever it is', () => {
  for (const overrides of [
    { traceId: '<script>' },
    { spanId: 7 },
    { parentSpanId: 'x' },
    { startTimeUnixNano: 'soon' },
    { endTimeUnixNano: undefined },
  ]) {
    assert.deepEqual(readExport(exported([wireSpan(overrides)])), []);
  }
  for (const body of [null, 1, [], {}, { resourceSpans: 1 }, exported([null])]) {
    assert.deepEqual(readExport(body), []);
  }
  const [long] = readExport(exported([wireSpan({ name: 'x'.repeat(5_000) })]));
  assert.equal(long?.name.length, 1_001);
});

test('the list is newest first; its first span is the one that nothing caused', () => {
  const store = createTraceStore();
  const child = span({ spanId: '2'.repeat(16), parentSpanId: '1'.repeat(16), service: 'board' });
  store.add([child]);
  assert.equal(store.list()[0]?.first.service, 'board');
  store.add([span({})]);
  store.add([span({ traceId: 'b'.repeat(32), startMs: 1790000000005 })]);
  const [newest, older] = store.list();
  assert.equal(newest?.traceId, 'b'.repeat(32));
  assert.deepEqual([older?.first.service, older?.spanCount], ['gateway', 2]);
  assert.deepEqual([...(older?.services ?? [])].sort(), ['board', 'gateway']);
});

test('the oldest trace makes room, and one trace cannot take all of it', () => {
  const store = createTraceStore({ maxTraces: 2, maxSpans: 4, maxSpansOfTrace: 3 });
  const ids = ['a', 'b', 'c'].map((digit) => digit.repeat(32));
  for (const traceId of ids) store.add([span({ traceId })]);
  assert.equal(store.list().length, 2);
  assert.equal(store.spansOf(ids[0] ?? '').length, 0);
  const [, , last = ''] = ids;
  store.add(Array.from({ length: 9 }, () => span({ traceId: last })));
  assert.equal(store.spansOf(last).length, 3);
  store.add([span({ traceId: 'd'.repeat(32) }), span({ traceId: 'd'.repeat(32) })]);
  assert.deepEqual(
    store.list().map(({ traceId }) => traceId[0]),
    ['d'],
  );
});

test('who looks at the traces leaves none', () => {
  const store = createTraceStore();
  store.add([span({ attributes: { 'gatehouse.page': '/traces' } })]);
  assert.deepEqual(store.list(), []);
});

async function collector(t: TestContext) {
  const started = await startCollector({ port: 0 });
  t.after(() => started.close());
  const post = (body: string, type = 'application/json') =>
    fetch(`${started.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    });
  const get = async <Body>(path: string): Promise<Body> => {
    const response = await fetch(`${started.url}${path}`);
    assert.equal(response.status, 200);
    // The tests assert what they need of it.
    return (await response.json()) as Body;
  };
  return { url: started.url, post, get };
}

interface List {
  readonly traces: readonly TraceSummary[];
}

test('spans come in over OTLP/HTTP and go out as JSON', async (t) => {
  const { url, post, get } = await collector(t);
  assert.equal((await post(JSON.stringify(exported([wireSpan()])))).status, 200);
  assert.equal((await get<List>('/traces')).traces[0]?.first.name, 'GET /shelves');
  const one = await get<{ traceId: string; spans: readonly TraceSpan[] }>(`/traces/${TRACE}`);
  assert.deepEqual([one.traceId, one.spans.length], [TRACE, 1]);
  assert.equal((await fetch(`${url}/traces/${'f'.repeat(32)}`)).status, 404);
});

test('nonsense is refused and leaves nothing', async (t) => {
  const { url, post, get } = await collector(t);
  assert.equal((await post('{')).status, 400);
  assert.equal((await post('{}', 'text/plain')).status, 415);
  assert.equal((await post(`"${'x'.repeat(5 * 1024 * 1024)}"`)).status, 413);
  assert.equal((await fetch(`${url}/traces`, { method: 'DELETE' })).status, 405);
  assert.deepEqual((await get<List>('/traces')).traces, []);
});

test('a browser that was led here under another name gets nothing', async (t) => {
  const { url } = await collector(t);
  const status = await new Promise((resolve, reject) => {
    const sent = request(`${url}/traces`, { headers: { host: 'evil.example' } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('error', reject).end();
  });
  assert.equal(status, 403);
});
