import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createLogger, startTelemetry } from '@gatehouse/chassis';
import { createObserver } from './observer.ts';

const INCOMING = { rawHeaders: [] };

function setUp(t: TestContext) {
  const telemetry = startTelemetry({ name: 'gateway' });
  t.after(() => telemetry.close());
  const log = createLogger({ name: 'gateway', level: 'silent' });
  const observer = createObserver({ telemetry, log });
  const begin = (route = 'shop') => {
    const record = observer.begin('GET', '192.0.2.1', INCOMING);
    record.route = route;
    return record;
  };
  const pass = (status: number, finished = true, route = 'shop'): void => {
    const record = begin(route);
    record.status = status;
    observer.end(record, finished);
  };
  return { telemetry, observer, begin, pass };
}

function labels(status: number): string {
  return `{http_request_method="GET",http_route="shop",http_response_status_code="${status}"}`;
}

test('requests and their durations are counted by verb, route and status', async (t) => {
  const { telemetry, pass } = setUp(t);
  pass(200);
  pass(200);
  pass(503);
  pass(0, false);
  const text = await telemetry.metricsText();
  for (const [status, count] of [
    [200, 2],
    [503, 1],
    [499, 1],
  ] as const) {
    for (const name of ['gatehouse_edge_requests_total', 'http_server_request_duration_count']) {
      assert.ok(text.includes(`${name}${labels(status)} ${count}\n`), `${name} of ${status}`);
    }
  }
  const all = labels(200).replace('}', ',le="+Inf"}');
  assert.ok(text.includes(`http_server_request_duration_bucket${all} 2\n`));
});

test('a duration is in seconds', async (t) => {
  let nowMs = 1_000;
  t.mock.method(performance, 'now', () => nowMs);
  const { telemetry, observer, begin } = setUp(t);
  const record = begin();
  record.status = 200;
  nowMs += 250;
  observer.end(record, true);
  const text = await telemetry.metricsText();
  assert.ok(text.includes(`http_server_request_duration_sum${labels(200)} 0.25\n`));
});

test('every kind of route is counted in one metric, and none twice', async (t) => {
  const { telemetry, pass } = setUp(t);
  pass(200);
  pass(200, true, '/board/v1/posts');
  const text = await telemetry.metricsText();
  assert.equal(text.match(/# TYPE http_server_request_duration histogram\n/g)?.length, 1);
  assert.match(text, /http_server_request_duration_count\{[^}]*\/board\/v1\/posts[^}]*\} 1\n/);
  assert.ok(text.includes(`http_server_request_duration_count${labels(200)} 1\n`));
  assert.match(text, /gatehouse_edge_routes\S* 2\n/);
});
