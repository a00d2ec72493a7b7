/** Our histogram beside the SDK's: the same values are the same text. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Attributes } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { Histograms, MAX_SERIES } from './histogram.ts';
import { startTelemetry } from './telemetry.ts';

const NAME = 'http.server.request.duration';
const SHOWN = { description: 'How long a \\ took,\nin "seconds"', unit: 's' };
const BOUNDARIES = [0.005, 0.01, 0.5, 1];
const GET = { 'http.request.method': 'GET', 'http.route': '/a"b\\c', 'http.status': 200 };
const POST = { 'http.request.method': 'POST', 'http.route': '/', 'http.status': 500 };

type Measure = readonly [value: number, attributes: Attributes];

function setUp(t: TestContext) {
  const ours = new Histograms('test');
  const [sdk, own] = [[], [ours]].map((metricProducers) => {
    const reader = new PrometheusExporter({ preventServerStart: true, metricProducers });
    const provider = new MeterProvider({ readers: [reader] });
    t.after(() => provider.shutdown());
    const serializer = new PrometheusSerializer('', false, undefined, false, true);
    const text = async () => serializer.serialize((await reader.collect()).resourceMetrics);
    return { provider, text };
  });
  assert.ok(sdk !== undefined && own !== undefined);
  const theirs = sdk.provider.getMeter('test').createHistogram(NAME, {
    ...SHOWN,
    advice: { explicitBucketBoundaries: [...BOUNDARIES] },
  });
  const histogram = ours.histogram(NAME, { ...SHOWN, boundaries: BOUNDARIES });
  const record = (measures: readonly Measure[]): void => {
    for (const [value, attributes] of measures) {
      theirs.record(value, attributes);
      histogram.series(attributes).record(value);
    }
  };
  return { ours, histogram, record, text: own.text, sdkText: sdk.text };
}

test('the text is that of the SDK', async (t) => {
  const { record, text, sdkText } = setUp(t);
  assert.equal(await text(), await sdkText());
  record([
    [0.1, GET],
    [0.2, GET],
    [0.0001, POST],
    [20, GET],
    [3, {}],
    [Number.POSITIVE_INFINITY, POST],
    [0, POST],
    [-0, POST],
  ]);
  const printed = await text();
  assert.equal(printed, await sdkText());
  assert.match(printed, /# UNIT http_server_request_duration s\n/);
  assert.match(printed, /_count\{http_request_method="GET",[^}]*http_status="200"\} 3\n/);
});

test('a value on a boundary is inside it', async (t) => {
  const { record, text, sdkText } = setUp(t);
  record(BOUNDARIES.map((value) => [value, {}]));
  const printed = await text();
  assert.equal(printed, await sdkText());
  const counts = [...printed.matchAll(/_bucket\{le="(.*)"\} (\d)/g)].map(([, le, count]) => [
    le,
    count,
  ]);
  assert.deepEqual(counts, [
    ['0.005', '1'],
    ['0.01', '2'],
    ['0.5', '3'],
    ['1', '4'],
    ['+Inf', '4'],
  ]);
});

test('values below zero, and what is no number, are left out', async (t) => {
  const { record, text, sdkText } = setUp(t);
  record([
    [0.25, GET],
    [-1, GET],
    [Number.NaN, GET],
    [Number.NEGATIVE_INFINITY, GET],
  ]);
  const printed = await text();
  assert.equal(printed, await sdkText());
  assert.match(printed, /_sum\{.*\} 0.25\n/);
});

test('equal attributes in another order are one series, printed as they came first', async (t) => {
  const { histogram, record, text, sdkText } = setUp(t);
  const turned = Object.fromEntries(Object.entries(GET).reverse());
  assert.equal(histogram.series(turned), histogram.series({ ...turned }));
  assert.equal(histogram.series(turned), histogram.series(GET));
  assert.notEqual(histogram.series(GET), histogram.series({ ...GET, 'http.status': '200' }));
  record([
    [0.25, turned],
    [0.25, GET],
  ]);
  assert.equal(await text(), await sdkText());
});

test('the attributes of a series are those it was asked for with', async (t) => {
  const { histogram, text } = setUp(t);
  const attributes: Attributes = { a: 'before' };
  const series = histogram.series(attributes);
  attributes.a = 'after';
  series.record(1);
  assert.match(await text(), /_count\{a="before"\} 1\n/);
});

test('values count from the start, and a collection is not changed by what comes after it', async (t) => {
  const { ours, record, text, sdkText } = setUp(t);
  record([[0.25, GET]]);
  assert.equal(await text(), await sdkText());
  const collected = await ours.collect();
  const before = structuredClone(collected.resourceMetrics.scopeMetrics);
  record([
    [0.5, POST],
    [0.5, GET],
  ]);
  assert.deepEqual(collected.resourceMetrics.scopeMetrics, before);
  const printed = await text();
  assert.equal(printed, await sdkText());
  assert.match(printed, /_count\{.*GET.*\} 2\n/);
  assert.equal(await text(), printed);
});

test('series without values are not printed', async (t) => {
  const { histogram, text, sdkText } = setUp(t);
  histogram.series(GET).record(Number.NaN);
  assert.equal(await text(), await sdkText());
  histogram.series(POST).record(1);
  assert.ok(!(await text()).includes('GET'));
});

test('series are bounded; those over the limit are one', async (t) => {
  const { histogram, record, text, sdkText } = setUp(t);
  record(Array.from({ length: MAX_SERIES + 1 }, (_, id) => [0.25, { id }]));
  const printed = await text();
  assert.equal(printed, await sdkText());
  assert.equal(printed.match(/_count\{/g)?.length, MAX_SERIES);
  assert.match(printed, /_count\{otel_metric_overflow="true"\} 2\n/);
  assert.equal(histogram.series({ id: 'new' }), histogram.series({ id: 'newer' }));
  assert.notEqual(histogram.series({ id: 1 }), histogram.series({ id: 2 }));
});

test('telemetry prints a histogram once, however often it is asked for', async (t) => {
  const telemetry = startTelemetry({ name: 'test' });
  t.after(() => telemetry.close());
  const [first, second] = [BOUNDARIES, [7]].map((boundaries) =>
    telemetry.histogram(NAME, { ...SHOWN, boundaries }),
  );
  assert.equal(first, second);
  first?.series(GET).record(1);
  const text = await telemetry.metricsText();
  assert.equal(text.match(/# TYPE http_server_request_duration histogram\n/g)?.length, 1);
  assert.equal(text.match(/_bucket\{/g)?.length, BOUNDARIES.length + 1);
  assert.match(text, /process_memory_usage \d/);
});
