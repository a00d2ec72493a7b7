import assert from 'node:assert/strict';
import type { Problem } from '@gatehouse/errors';
import type { Answer } from './edge.ts';

export interface ExpectedProblem {
  /** The stable code: `'board.not_yours'`. */
  readonly code?: string;
  /** JSON Pointers of the members at fault, in any order; each once or more. */
  readonly at?: readonly string[];
}

/**
 * Asserts that an answer is a problem (RFC 9457) of this status, with a trace id to quote and a
 * detail to read, and hands its body back.
 */
export function assertProblem(
  answer: Answer<unknown>,
  status: number,
  { code, at }: ExpectedProblem = {},
): Problem {
  assert.equal(answer.status, status, answer.text);
  assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json\b/);
  const problem = answer.body as Problem;
  assert.equal(problem.status, status);
  assert.equal(problem.type, `urn:gatehouse:error:${problem.code}`);
  assert.match(problem.traceId ?? '', /^[0-9a-f]{32}$/);
  assert.ok(problem.title !== '' && problem.detail !== '');
  if (code !== undefined) assert.equal(problem.code, code);
  if (at !== undefined) {
    const pointers = new Set((problem.errors ?? []).map(({ pointer }) => pointer));
    assert.deepEqual([...pointers].sort(), [...at].sort(), answer.text);
  }
  return problem;
}

/** Asserts 401 with the challenge that RFC 6750, section 3, asks for. */
export function assertUnauthorized(answer: Answer<unknown>): Problem {
  assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer\b/, answer.text);
  return assertProblem(answer, 401);
}
