/** Failures on their way out: problem+json (RFC 9457), and what belongs beside it in headers. */
import {
  commonErrors,
  type GatehouseError,
  isOurFault,
  PROBLEM_CONTENT_TYPE,
  toGatehouseError,
  toProblem,
} from '@gatehouse/errors';
import { Refused, statusOf } from '../errors.ts';
import { COMMON_HEADERS } from './common-headers.ts';
import type { EdgeResponse } from './seam.ts';

const encoder = new TextEncoder();

/** What was thrown, as one of our errors and the headers that go with it. */
export interface Failure {
  readonly error: GatehouseError;
  readonly headers: Readonly<Record<string, string>>;
}

/** Reads whatever a stage threw. What is no error of ours becomes `common.internal`. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof Refused) return { error: thrown.error, headers: thrown.headers };
  return { error: toGatehouseError(thrown), headers: {} };
}

/**
 * The response to a failure.
 *
 * An error of kind INTERNAL, UNKNOWN or DATA_LOSS is answered as `common.internal` unless it is
 * the gateway's own: what a service said of its inside stays inside.
 */
export function problemResponse(failure: Failure, traceId?: string): EdgeResponse {
  const shown = presentable(failure.error);
  const [status, title] = statusOf(shown);
  const problem = {
    ...toProblem(shown, traceId),
    status,
    ...(title === undefined ? {} : { title }),
  };
  return {
    status,
    headers: {
      ...COMMON_HEADERS,
      'content-type': PROBLEM_CONTENT_TYPE,
      ...challengeOf(shown),
      ...retryAfterOf(shown),
      ...failure.headers,
    },
    body: encoder.encode(JSON.stringify(problem)),
  };
}

/** Whether a status tells of a fault of ours or of a service; 501 is a method or an upgrade that a client made up. */
export function isServerFault(status: number): boolean {
  return status >= 500 && status !== 501;
}

function presentable(error: GatehouseError): GatehouseError {
  const hidden = isOurFault(error.kind);
  return hidden && !error.code.startsWith('gateway.') ? commonErrors.INTERNAL() : error;
}

// RFC 9110, 15.5.2: a 401 names a scheme, whoever made it.
function challengeOf(error: GatehouseError): Record<string, string> {
  return error.kind === 'UNAUTHENTICATED' ? { 'www-authenticate': 'Bearer' } : {};
}

function retryAfterOf(error: GatehouseError): Record<string, string> {
  if (error.kind !== 'UNAVAILABLE' && error.kind !== 'RESOURCE_EXHAUSTED') return {};
  return { 'retry-after': String(Math.max(1, Math.ceil(error.retryAfterSeconds ?? 1))) };
}
