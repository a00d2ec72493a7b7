import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatehouseError } from '@gatehouse/errors';
import { createFailureLimit } from './failure-limit.ts';

test('an address over its failures is stopped, and told for how long', () => {
  const limit = createFailureLimit({ failures: 2, windowSeconds: 60 });
  for (let i = 0; i < 3; i += 1) {
    if (i < 2) limit.check('192.0.2.1');
    limit.count('192.0.2.1');
  }
  const refused = (error: GatehouseError) => {
    assert.equal(error.code, 'gateway.too_many_failures');
    assert.ok((error.retryAfterSeconds ?? 0) > 0 && (error.retryAfterSeconds ?? 0) <= 60);
    return true;
  };
  assert.throws(() => limit.check('192.0.2.1'), refused);
});

test('other addresses are not touched; one /64 is one address', () => {
  const limit = createFailureLimit({ failures: 1 });
  limit.count('2001:db8::1');
  assert.throws(() => limit.check('2001:db8::2'));
  limit.check('2001:db8:0:1::1');
  limit.check('192.0.2.1');
});

test('asking is free', () => {
  const limit = createFailureLimit({ failures: 1 });
  for (let i = 0; i < 5; i += 1) limit.check('192.0.2.1');
});
