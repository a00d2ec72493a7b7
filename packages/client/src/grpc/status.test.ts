import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, toBinary } from '@bufbuild/protobuf';
import { StatusSchema } from '@gatehouse/contracts/gen/google/rpc/status_pb.ts';
import { commonErrors } from '@gatehouse/errors';
import { decodeStatus, encodeStatus } from './status.ts';

test('an error survives the way, its cause does not', () => {
  const fields = [{ pointer: '/items/0/name', detail: 'must have at least 1 character' }];
  const cause = new Error('hunter2');
  const error = commonErrors.INVALID_INPUT({ fields, retryAfterSeconds: 2, cause });
  const bytes = encodeStatus(error);
  assert.ok(!Buffer.from(bytes).includes('hunter2'));
  const decoded = decodeStatus(bytes, { grpcCode: error.grpcCode, message: 'other' });
  assert.equal(decoded.code, 'common.invalid_input');
  assert.equal(decoded.message, error.message);
  assert.deepEqual(decoded.fields, fields);
  assert.equal(decoded.retryAfterSeconds, 2);
  assert.equal(decoded.cause, undefined);
});

test('without details of ours a failure is the common one of its kind, and never quoted', () => {
  const plain = (grpcCode: number) => decodeStatus(undefined, { grpcCode, message: 'secret text' });
  assert.equal(plain(14).code, 'common.unavailable');
  assert.equal(plain(4).code, 'common.deadline');
  assert.equal(plain(1).code, 'common.cancelled');
  for (const grpcCode of [2, 3, 5, 7, 8, 12, 13, 16, 99]) {
    assert.equal(plain(grpcCode).code, 'common.internal');
    assert.ok(!plain(grpcCode).message.includes('secret'));
  }
});

test('details that are broken, foreign, or of another code are not believed', () => {
  const plain = { grpcCode: 7, message: '' };
  assert.equal(decodeStatus(new Uint8Array([255, 1]), plain).code, 'common.internal');
  const foreign = toBinary(StatusSchema, create(StatusSchema, { code: 7, message: 'x' }));
  assert.equal(decodeStatus(foreign, plain).code, 'common.internal');
  const other = encodeStatus(commonErrors.UNAVAILABLE());
  assert.equal(decodeStatus(other, plain).code, 'common.internal');
});
