/** Spans on their way out: what a collector gets, and that none of them keeps a process from its end. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { SpanKind } from '@opentelemetry/api';
import { withSpan } from './spans.ts';
import { startTelemetry } from './telemetry.ts';

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** A span as OTLP/HTTP has it in JSON (opentelemetry-proto, trace.proto). */
interface SentSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: readonly Attribute[];
  readonly status: { readonly code: number };
}

interface Sent {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[];
  }[];
}

async function startCollector(t: TestContext, respond = true) {
  const received: { readonly path: string | undefined; readonly sent: Sent }[] = [];
  const collector = createServer((request, response) => {
    if (!respond) return;
    void json(request).then((sent) => {
      received.push({ path: request.url, sent: sent as Sent });
      response.setHeader('content-type', 'application/json').end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
  t.after(() => {
    collector.close();
    collector.closeAllConnections();
  });
  const { port } = collector.address() as AddressInfo;
  return { received, url: (path: string) => new URL(`http://127.0.0.1:${port}${path}`) };
}

test('every collector gets the last spans, with their tree, attributes and failures', async (t) => {
  const { received, url } = await startCollector(t);
  const telemetry = startTelemetry({
    name: 'board',
    otlpEndpoint: url('/'),
    traceView: url('/view'),
  });
  const { tracer } = telemetry;
  const attributes = { 'shelf.size': 3, 'shelf.name': 'blue' };
  const outer = { tracer, name: 'read a shelf', kind: SpanKind.SERVER, attributes };
  const failing = withSpan(outer, () =>
    withSpan({ tracer, name: 'open it' }, async () => {
      throw Object.assign(new Error('the key is hunter2'), { code: 'shelf.locked' });
    }),
  );
  await assert.rejects(failing, { code: 'shelf.locked' });
  await telemetry.close();
  assert.deepEqual(received.map(({ path }) => path).sort(), ['/v1/traces', '/view/v1/traces']);
  for (const { sent } of received) {
    const [{ resource, scopeSpans } = assert.fail('nothing was sent')] = sent.resourceSpans;
    const service = resource.attributes.find(({ key }) => key === 'service.name');
    assert.deepEqual(service?.value, { stringValue: 'board' });
    const spans = scopeSpans.flatMap(({ spans: some }) => some);
    assert.equal(spans.length, 2);
    const shelf = spans.find(({ name }) => name === 'read a shelf');
    const inner = spans.find(({ name }) => name === 'open it');
    assert.ok(shelf && inner);
    assert.match(shelf.traceId, /^[0-9a-f]{32}$/);
    assert.equal(inner.traceId, shelf.traceId);
    assert.equal(inner.parentSpanId, shelf.spanId);
    // 2: SPAN_KIND_SERVER; STATUS_CODE_ERROR.
    assert.deepEqual([shelf.kind, shelf.status.code, inner.status.code], [2, 2, 2]);
    const given = Object.fromEntries(shelf.attributes.map(({ key, value }) => [key, value]));
    assert.deepEqual(given['shelf.size'], { intValue: 3 });
    assert.deepEqual(given['shelf.name'], { stringValue: 'blue' });
    assert.ok(!JSON.stringify(sent).includes('hunter2'));
  }
});

test('without a collector no span goes anywhere, and telemetry says so', async () => {
  const telemetry = startTelemetry({ name: 'board' });
  assert.equal(telemetry.exporting, false);
  await telemetry.close();
});

test('a collector that is unreachable, or never responds, does not keep telemetry from closing', async (t) => {
  const { url } = await startCollector(t, false);
  for (const otlpEndpoint of [new URL('http://127.0.0.1:1'), url('/')]) {
    const telemetry = startTelemetry({ name: 'board', otlpEndpoint });
    assert.equal(telemetry.exporting, true);
    telemetry.tracer.startSpan('lost').end();
    const startedMs = performance.now();
    await telemetry.close();
    // Two seconds at most, and room for a machine that has much to do.
    assert.ok(performance.now() - startedMs < 10_000);
  }
});
