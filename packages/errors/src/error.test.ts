import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  commonErrors,
  defineErrors,
  errorCatalogue,
  GatehouseError,
  isOurFault,
  KINDS,
  kindOfGrpcCode,
  toGatehouseError,
  toProblem,
} from './index.ts';

const sample = defineErrors('sample', {
  MANY: ['RESOURCE_EXHAUSTED', 'That were too many samples.'],
  GONE: ['NOT_FOUND', 'There is no such sample.'],
  BAD: ['INVALID_ARGUMENT', 'The sample is invalid.'],
});

test('an error carries kind, stable code, message and both statuses', () => {
  const error = sample.GONE();
  assert.ok(error instanceof GatehouseError);
  assert.deepEqual(
    [error.kind, error.code, error.httpStatus, error.grpcCode],
    ['NOT_FOUND', 'sample.gone', 404, 5],
  );
});

test('a limit that is reached has no stack, and takes none from the next error', () => {
  const before = Error.stackTraceLimit;
  assert.doesNotMatch(sample.MANY().stack ?? '', /\n {4}at /);
  assert.equal(Error.stackTraceLimit, before);
  assert.match(sample.GONE().stack ?? '', /\n {4}at /);
});

test('a code can be declared once only', () => {
  assert.throws(() => defineErrors('sample', { GONE: ['NOT_FOUND', 'again'] }), /taken/);
});

test('the catalogue lists every declared code', () => {
  assert.equal(errorCatalogue().get('sample.bad')?.kind, 'INVALID_ARGUMENT');
});

test('an external error is wrapped once, keeps its cause, and shows nothing of it', () => {
  const wrapped = toGatehouseError(new Error('password=hunter2'));
  assert.equal(wrapped.code, 'common.internal');
  assert.ok(!JSON.stringify(toProblem(wrapped)).includes('hunter2'));
  assert.match(String(wrapped.cause), /hunter2/);
  assert.equal(toGatehouseError(wrapped), wrapped);
});

test('a problem names each field at fault and the trace', () => {
  const fields = [{ pointer: '/title', detail: 'must have at least 1 character' }];
  const problem = toProblem(sample.BAD({ fields }), 'a'.repeat(32));
  assert.deepEqual(problem, {
    type: 'urn:gatehouse:error:sample.bad',
    title: 'Bad request',
    status: 400,
    code: 'sample.bad',
    detail: 'The sample is invalid.',
    traceId: 'a'.repeat(32),
    errors: fields,
  });
});

test('a problem without fields or trace has no empty members', () => {
  assert.deepEqual(Object.keys(toProblem(commonErrors.INTERNAL())), [
    'type',
    'title',
    'status',
    'code',
    'detail',
  ]);
});

test('each gRPC number maps back to its kind, and unknown ones to UNKNOWN', () => {
  for (const [kind, { grpcCode }] of Object.entries(KINDS))
    assert.equal(kindOfGrpcCode(grpcCode), kind);
  assert.equal(kindOfGrpcCode(0), 'UNKNOWN');
  assert.equal(kindOfGrpcCode(99), 'UNKNOWN');
});

test('what is a fault inside is three kinds, and an outage is none', () => {
  const kinds = Object.keys(KINDS) as (keyof typeof KINDS)[];
  assert.deepEqual(kinds.filter(isOurFault).sort(), ['DATA_LOSS', 'INTERNAL', 'UNKNOWN']);
});
