import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { Readiness } from './readiness.ts';
import { startAdminServer } from './server.ts';

function statusFor(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const path = '/metrics';
    const asked = request({ host: '127.0.0.1', port, path, headers: { host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    asked.once('error', reject);
    asked.end();
  });
}

test('on the loopback, a page that gave its own name this address reads nothing', async (t) => {
  const admin = await startAdminServer({
    host: '127.0.0.1',
    port: 0,
    readiness: new Readiness(),
    metricsText: async () => 'metrics',
  });
  t.after(() => admin.close());
  for (const host of [
    'attacker.example',
    `attacker.example:${admin.port}`,
    '127.0.0.1.x.example',
  ]) {
    assert.equal(await statusFor(admin.port, host), 403, host);
  }
  for (const host of [
    `127.0.0.1:${admin.port}`,
    'localhost',
    `LOCALHOST:${admin.port}`,
    '[::1]:1',
  ]) {
    assert.equal(await statusFor(admin.port, host), 200, host);
  }
});

test('on another address every name is good: there it is found by names of its own', async (t) => {
  const admin = await startAdminServer({
    host: '0.0.0.0',
    port: 0,
    readiness: new Readiness(),
    metricsText: async () => 'metrics',
  });
  t.after(() => admin.close());
  assert.equal(await statusFor(admin.port, `gateway:${admin.port}`), 200);
});
