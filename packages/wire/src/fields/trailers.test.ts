import assert from 'node:assert/strict';
import { test } from 'node:test';
import { passedTrailers, requestTrailers } from './trailers.ts';

test('a trailer cannot do what a header may not', () => {
  const sent = [
    ...['X-Sum', '1', 'Txn_Token', 'x', 'Content-Length', '1', 'Set-Cookie', 'a', 'Host', 'b'],
    ...['Authorization', 'Bearer a', 'Cookie', 'a=1', 'grpc-status', '0'],
  ];
  assert.deepEqual(passedTrailers(sent), ['X-Sum', '1', 'grpc-status', '0']);
});

test('a request that frames itself once more behind its body is refused', () => {
  assert.deepEqual(requestTrailers(['X-Sum', '1', 'Host', 'b']), ['X-Sum', '1']);
  for (const name of ['Content-Length', 'transfer-encoding']) {
    assert.throws(() => requestTrailers(['X-Sum', '1', name, '0']), { code: 'gateway.framing' });
  }
});
