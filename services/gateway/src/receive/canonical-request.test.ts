import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testIncoming } from '../test-support/incoming.ts';
import { canonicalise } from './canonical-request.ts';
import type { Incoming } from './seam.ts';

function incoming(overrides: Partial<Incoming>): Incoming {
  return testIncoming({
    target: '/board/v1/posts?pageSize=1',
    rawHeaders: ['Host', 'edge', 'X-Forwarded-For', '9.9.9.9', 'txn-token', 'forged'],
    ...overrides,
  });
}

test('a request keeps only what later stages may use', () => {
  assert.deepEqual(canonicalise(incoming({}), '192.0.2.1'), {
    verb: 'GET',
    path: '/board/v1/posts',
    segments: ['board', 'v1', 'posts'],
    query: [['pageSize', '1']],
    authorization: undefined,
    contentType: undefined,
    announcesBody: false,
    traceparent: undefined,
    host: 'edge',
    throughProxy: true,
    address: '192.0.2.1',
    peerAddress: incoming({}).peerAddress,
  });
});

test('refused: methods that no resource has', () => {
  for (const method of ['TRACE', 'CONNECT', 'PROPFIND', 'get', 'M-SEARCH']) {
    assert.throws(() => canonicalise(incoming({ method }), '192.0.2.1'), {
      code: 'gateway.method_unknown',
    });
  }
});
