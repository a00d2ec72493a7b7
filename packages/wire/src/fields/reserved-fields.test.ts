import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isManaged } from './field-names.ts';
import { reservedReason } from './reserved-fields.ts';

test('a file changes no header that is made here, on either side', () => {
  for (const name of ['txn-token', 'Txn_Token', 'X-Request-Id', 'Connection', 'content-length']) {
    for (const side of ['request', 'response'] as const)
      assert.ok(reservedReason(name, side), name);
  }
  for (const name of ['traceparent', 'X-Forwarded-For', 'x_forwarded_for', 'forwarded', 'host']) {
    assert.ok(reservedReason(name, 'request'), name);
    assert.equal(reservedReason(name, 'response'), undefined, name);
  }
  for (const name of ['RateLimit', 'ratelimit-policy']) assert.ok(reservedReason(name, 'response'));
});

test('what no client may send, no file may say in its place', () => {
  const names = ['b3', 'x-original-url', 'x-http-method-override', 'x_real_ip', 'content_type'];
  for (const name of names) {
    assert.equal(isManaged(name), true, name);
    assert.ok(reservedReason(name, 'request'), name);
  }
});

test('all others are the file’s to change', () => {
  for (const name of ['x-tenant', 'cache-control', 'accept', 'content-type', 'cookie']) {
    assert.equal(reservedReason(name, 'request'), undefined, name);
  }
  for (const name of ['server', 'strict-transport-security', 'set-cookie', 'alt-svc']) {
    assert.equal(reservedReason(name, 'response'), undefined, name);
  }
});
