import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeStatus } from '@gatehouse/client/grpc';
import { defineErrors, type GatehouseError } from '@gatehouse/errors';
import { frameMessage } from './grpc-frame.ts';
import { type RawResponse, readResponse } from './grpc-response.ts';

const sample = defineErrors('sample', { BAD: ['INVALID_ARGUMENT', 'Not so.'] });
const HEADERS: Record<string, unknown> = { ':status': 200, 'content-type': 'application/grpc' };

interface Given {
  readonly headers?: Record<string, unknown>;
  readonly trailers?: Record<string, unknown>;
  readonly body?: Buffer;
}

function read({ headers = HEADERS, trailers = {}, body = Buffer.alloc(0) }: Given) {
  // Node gives `:status` as a number, whatever its type of headers says.
  return readResponse({ headers, trailers, body } as RawResponse);
}

test('status 0 gives the message', () => {
  const body = frameMessage(Buffer.from('abc'));
  const bytes = read({ body, trailers: { 'grpc-status': '0' } });
  assert.equal(Buffer.from(bytes).toString(), 'abc');
});

test('an error keeps code, fields and retry of the service', () => {
  const fields = [{ pointer: '/title', detail: 'must not be empty' }];
  const bytes = encodeStatus(sample.BAD({ fields, retryAfterSeconds: 3 }));
  const details = Buffer.from(bytes).toString('base64').replace(/=+$/, '');
  const end = { 'grpc-status': '3', 'grpc-status-details-bin': details };
  const answers: Given[] = [{ trailers: end }, { headers: { ...HEADERS, ...end } }];
  for (const answer of answers) {
    assert.throws(
      () => read(answer),
      (error: GatehouseError) => {
        assert.deepEqual(
          [error.code, error.fields, error.retryAfterSeconds],
          ['sample.bad', fields, 3],
        );
        return true;
      },
    );
  }
});

test('an external error shows nothing of its message', () => {
  const trailers = { 'grpc-status': '2', 'grpc-message': 'secret' };
  assert.throws(
    () => read({ trailers }),
    (error: GatehouseError) => error.code === 'common.internal' && !/secret/.test(error.message),
  );
  assert.throws(() => read({ trailers: { 'grpc-status': '14' } }), { code: 'common.unavailable' });
});

test('what is no gRPC is no answer; a proxy that found nobody is "away"', () => {
  const bad: Given[] = [
    { trailers: {} },
    { trailers: { 'grpc-status': 'x' } },
    { headers: { ':status': 200, 'content-type': 'text/html' }, trailers: { 'grpc-status': '0' } },
    { headers: { ':status': 200 }, trailers: { 'grpc-status': '0' } },
    { headers: { ...HEADERS, ':status': 404 } },
  ];
  for (const answer of bad) assert.throws(() => read(answer), { code: 'gateway.upstream_answer' });
  assert.throws(() => read({ headers: { ':status': 503 } }), { code: 'gateway.upstream_away' });
});
