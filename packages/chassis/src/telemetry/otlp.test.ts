import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { startTelemetry } from './telemetry.ts';

test('the last spans reach every collector before telemetry is closed', async () => {
  const received: { url: string | undefined; body: string }[] = [];
  const collector = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      received.push({ url: request.url, body });
      response.setHeader('content-type', 'application/json').end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const { port } = collector.address() as AddressInfo;
  const telemetry = startTelemetry({
    name: 'board',
    otlpEndpoint: new URL(`http://127.0.0.1:${port}/`),
    traceView: new URL(`http://127.0.0.1:${port}/view`),
  });
  telemetry.tracer.startSpan('read a shelf').end();
  await telemetry.close();
  collector.close();
  collector.closeAllConnections();
  assert.deepEqual(received.map(({ url }) => url).sort(), ['/v1/traces', '/view/v1/traces']);
  for (const { body } of received) {
    assert.match(body, /read a shelf/);
    assert.match(body, /"service.name".*"board"/);
  }
});

test('an unreachable collector does not keep telemetry from closing', async () => {
  const telemetry = startTelemetry({ name: 'board', otlpEndpoint: new URL('http://127.0.0.1:1') });
  telemetry.tracer.startSpan('lost').end();
  await telemetry.close();
});
