import type { FieldViolation, GatehouseError } from './error.ts';
import { KINDS } from './status.ts';

/** Media type of a problem (RFC 9457, section 3). */
export const PROBLEM_CONTENT_TYPE = 'application/problem+json';

/** The body of an error at the edge (RFC 9457, section 3.1, with extension members of ours). */
export interface Problem {
  /** `urn:gatehouse:error:<code>`: stable, to be compared, not to be fetched. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** The stable code, for programs. */
  readonly code: string;
  /** For people; no secret, no hint whether an account exists. */
  readonly detail: string;
  /** W3C trace id of the request, where one is known. */
  readonly traceId?: string;
  /** The members at fault; absent when there are none. */
  readonly errors?: readonly FieldViolation[];
}

/**
 * The problem+json body of an error.
 *
 * @param error - its `cause` is not looked at.
 * @param traceId - 32 hex digits, so that a person can quote it.
 */
export function toProblem(error: GatehouseError, traceId?: string): Problem {
  return {
    type: `urn:gatehouse:error:${error.code}`,
    title: KINDS[error.kind].title,
    status: error.httpStatus,
    code: error.code,
    detail: error.message,
    ...(traceId === undefined ? {} : { traceId }),
    ...(error.fields.length === 0 ? {} : { errors: error.fields }),
  };
}
