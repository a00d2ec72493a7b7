import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatehouseError } from '@gatehouse/errors';
import { createFailureLimit } from './failure-limit.ts';

test('an address over its failures is stopped, and told for how long', async () => {
  const limit = createFailureLimit({ failures: 2, windowSeconds: 60 });
  for (let i = 0; i < 3; i += 1) {
    if (i < 2) await limit.check('192.0.2.1');
    await limit.count('192.0.2.1');
  }
  await assert.rejects(limit.check('192.0.2.1'), (error: GatehouseError) => {
    assert.equal(error.code, 'gateway.too_many_failures');
    assert.ok((error.retryAfterSeconds ?? 0) > 0 && (error.retryAfterSeconds ?? 0) <= 60);
    return true;
  });
});

test('other addresses are not touched; one /64 is one address', async () => {
  const limit = createFailureLimit({ failures: 1 });
  await limit.count('2001:db8::1');
  await assert.rejects(limit.check('2001:db8::2'));
  await limit.check('2001:db8:0:1::1');
  await limit.check('192.0.2.1');
});

test('asking is free', async () => {
  const limit = createFailureLimit({ failures: 1 });
  for (let i = 0; i < 5; i += 1) await limit.check('192.0.2.1');
});
