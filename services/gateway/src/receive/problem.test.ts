import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commonErrors, defineErrors, errorCatalogue, KINDS } from '@gatehouse/errors';
import { edgeErrors, Refused } from '../errors.ts';
import { COMMON_HEADERS } from './common-headers.ts';
import { failureOf, problemResponse } from './problem.ts';

const TRACE = 'a'.repeat(32);
const sample = defineErrors('sample', {
  LOST: ['DATA_LOSS', 'disk 7 of db-3 is gone'],
  WRONG: ['UNAUTHENTICATED', 'The password is not right.'],
  BAD: ['INVALID_ARGUMENT', 'Not so.'],
  BUSY: ['RESOURCE_EXHAUSTED', 'Too many.'],
});

function answer(thrown: unknown) {
  const { status, headers, body } = problemResponse(failureOf(thrown), TRACE);
  return { status, headers, problem: JSON.parse(Buffer.from(body ?? []).toString()) };
}

test('an answer is for no cache, no guess, no frame, and runs nothing', () => {
  assert.equal(COMMON_HEADERS['cache-control'], 'no-store');
  assert.equal(COMMON_HEADERS['x-content-type-options'], 'nosniff');
  assert.match(COMMON_HEADERS['content-security-policy'] ?? '', /default-src 'none'; frame-/);
});

test('a failure is a problem with code, trace and nothing for a cache', () => {
  const fields = [{ pointer: '/title', detail: 'must not be empty' }];
  const { status, headers, problem } = answer(sample.BAD({ fields }));
  assert.equal(status, 400);
  assert.deepEqual(headers, {
    ...COMMON_HEADERS,
    'content-type': 'application/problem+json',
  });
  assert.deepEqual(
    [problem.status, problem.code, problem.traceId, problem.errors],
    [400, 'sample.bad', TRACE, fields],
  );
});

test('what failed inside is not shown', () => {
  for (const thrown of [sample.LOST(), new Error('disk 7'), 'disk 7']) {
    const { status, problem } = answer(thrown);
    assert.deepEqual([status, problem.code], [500, 'common.internal']);
    assert.ok(!JSON.stringify(problem).includes('disk'));
  }
});

test('401 names the scheme, whoever answered it', () => {
  assert.equal(answer(sample.WRONG()).headers['www-authenticate'], 'Bearer');
  const refused = new Refused(edgeErrors.INVALID_TOKEN(), { 'www-authenticate': 'Bearer x="y"' });
  assert.equal(answer(refused).headers['www-authenticate'], 'Bearer x="y"');
});

test('unavailable and exhausted say when to come again', () => {
  assert.equal(answer(commonErrors.UNAVAILABLE()).headers['retry-after'], '1');
  assert.equal(answer(sample.BUSY({ retryAfterSeconds: 7.2 })).headers['retry-after'], '8');
});

test('statuses that only HTTP has', () => {
  const statuses = [
    [edgeErrors.METHOD_NOT_ALLOWED(), 405],
    [edgeErrors.TIMEOUT(), 408],
    [edgeErrors.BODY_TOO_LARGE(), 413],
    [edgeErrors.MEDIA_TYPE(), 415],
    [edgeErrors.HEADERS_TOO_LARGE(), 431],
  ] as const;
  for (const [error, status] of statuses) {
    assert.deepEqual([answer(error).status, answer(error).problem.status], [status, status]);
  }
});

test('every other kind has the status of the table of kinds', () => {
  for (const [code, { kind }] of errorCatalogue()) {
    if (!code.startsWith('common.')) continue;
    assert.equal(
      answer(Object.values(commonErrors).find((make) => make().code === code)?.()).status,
      KINDS[kind].httpStatus,
    );
  }
});
