import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createLogger, startTelemetry } from '@gatehouse/chassis';
import { createHttpObserver } from './http-observer.ts';
import { createObserver } from './observe.ts';

const SEEN = { verb: 'GET', route: 'shop', address: '192.0.2.1' };
const INCOMING = { rawHeaders: [] };

function setUp(t: TestContext) {
  const telemetry = startTelemetry({ name: 'gateway' });
  t.after(() => telemetry.close());
  const log = createLogger({ name: 'gateway', level: 'silent' });
  const observer = createHttpObserver({ telemetry, log });
  const pass = (status: number, finished = true): void => {
    const sight = observer.begin(SEEN, INCOMING);
    sight.status = status;
    observer.end(sight, finished);
  };
  return { telemetry, log, observer, pass };
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
  const { telemetry, observer } = setUp(t);
  const sight = observer.begin(SEEN, INCOMING);
  sight.status = 200;
  nowMs += 250;
  observer.end(sight, true);
  const text = await telemetry.metricsText();
  assert.ok(text.includes(`http_server_request_duration_sum${labels(200)} 0.25\n`));
});

test('both ways through the edge are counted in one metric', async (t) => {
  const { telemetry, log, pass } = setUp(t);
  pass(200);
  await createObserver({ telemetry, log }).observe('GET', async (trail) => {
    trail.template = '/board/v1/posts';
    return { status: 200, headers: {} };
  });
  const text = await telemetry.metricsText();
  assert.equal(text.match(/# TYPE http_server_request_duration histogram\n/g)?.length, 1);
  assert.match(text, /http_server_request_duration_count\{[^}]*\/board\/v1\/posts[^}]*\} 1\n/);
  assert.ok(text.includes(`http_server_request_duration_count${labels(200)} 1\n`));
});
