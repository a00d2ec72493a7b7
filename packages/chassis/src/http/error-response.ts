/** The response to a request that failed: one coded error, with the closest status that HTTP has. */
import { STATUS_CODES } from 'node:http';
import {
  type GatehouseError,
  PROBLEM_CONTENT_TYPE,
  toGatehouseError,
  toProblem,
} from '@gatehouse/errors';
import { traceIds } from '../telemetry/log.ts';
import { httpErrors } from './errors.ts';
import type { Headers, HttpResponse } from './response.ts';

/** An error, and the status and headers that it is sent with. */
export interface HttpFailure {
  readonly error: GatehouseError;
  readonly status: number;
  /** `cache-control: no-store`; where they apply, `retry-after`, `www-authenticate: Bearer`, `allow`. */
  readonly headers: Headers;
}

// HTTP knows more of these than the kinds of error do.
const CLOSER: Readonly<Record<number, () => GatehouseError>> = {
  404: httpErrors.NO_SUCH_PATH,
  405: httpErrors.METHOD_NOT_ALLOWED,
  413: httpErrors.BODY_TOO_LARGE,
  415: httpErrors.MEDIA_TYPE,
};

/** What was thrown, as a failure: a coded error, one of Fastify's, or `common.internal`. */
export function failureOf(thrown: unknown): HttpFailure {
  const status = clientErrorOf(thrown);
  if (status !== undefined) return failureWith(status);
  const error = toGatehouseError(thrown);
  return failure(error, error.httpStatus);
}

/** A path that there is not, or, where it has methods, one that does not take this one. */
export function routeFailure(allowed: readonly string[]): HttpFailure {
  return allowed.length === 0 ? failureWith(404) : failureWith(405, { allow: allowed.join(', ') });
}

/**
 * The form of errors that a listener has by default: problem+json (RFC 9457).
 *
 * @example
 * ```ts
 * import { problemResponse, type RouteGroup } from '@gatehouse/chassis/http';
 *
 * export const errorResponse: RouteGroup['errorResponse'] = (failure) =>
 *   failure.status === 401 ? { contentType: 'text/plain', body: 'Who are you?' } : problemResponse(failure);
 * ```
 */
export function problemResponse({ error, status }: HttpFailure): HttpResponse {
  const { title, ...rest } = toProblem(error, traceIds().traceId);
  const problem = { ...rest, status, title: STATUS_CODES[status] ?? title };
  return { contentType: PROBLEM_CONTENT_TYPE, body: JSON.stringify(problem) };
}

function failureWith(status: number, headers: Headers = {}): HttpFailure {
  return failure((CLOSER[status] ?? httpErrors.BAD_REQUEST)(), status, headers);
}

function failure(error: GatehouseError, status: number, more: Headers = {}): HttpFailure {
  const { retryAfterSeconds } = error;
  const headers = {
    'cache-control': 'no-store',
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
    ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    ...more,
  };
  return { error, status, headers };
}

function clientErrorOf(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error) || !('statusCode' in thrown)) return undefined;
  const { statusCode } = thrown;
  const isClientError = typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500;
  return isClientError ? statusCode : undefined;
}
