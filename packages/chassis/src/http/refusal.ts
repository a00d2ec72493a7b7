/** How a failed request is answered: one error of ours, with the closest status that HTTP has. */
import { STATUS_CODES } from 'node:http';
import {
  type GatehouseError,
  PROBLEM_CONTENT_TYPE,
  toGatehouseError,
  toProblem,
} from '@gatehouse/errors';
import { traceIds } from '../telemetry/log.ts';
import { httpErrors } from './errors.ts';

/** An error and the status that it is answered with. */
export interface Refusal {
  readonly error: GatehouseError;
  readonly status: number;
}

/** A body and its type. */
export interface HttpBody {
  readonly contentType: string;
  readonly body: string;
}

// HTTP knows more of these than the kinds of error do.
const CLOSER: Readonly<Record<number, () => GatehouseError>> = {
  404: httpErrors.NO_SUCH_PATH,
  405: httpErrors.METHOD_NOT_ALLOWED,
  413: httpErrors.BODY_TOO_LARGE,
  415: httpErrors.MEDIA_TYPE,
};

/** A refusal of the listener itself: 400, 404, 405, 413, 415. */
export function refusalWith(status: number): Refusal {
  return { status, error: (CLOSER[status] ?? httpErrors.BAD_REQUEST)() };
}

/** What was thrown, as it is answered: an error of ours, one of Fastify's, or `common.internal`. */
export function refusalOf(thrown: unknown): Refusal {
  const status = clientFaultOf(thrown);
  if (status !== undefined) return refusalWith(status);
  const error = toGatehouseError(thrown);
  return { error, status: error.httpStatus };
}

/** As problem+json (RFC 9457). */
export function problemBody({ error, status }: Refusal): HttpBody {
  const { title, ...rest } = toProblem(error, traceIds().traceId);
  const problem = { ...rest, status, title: STATUS_CODES[status] ?? title };
  return { contentType: PROBLEM_CONTENT_TYPE, body: JSON.stringify(problem) };
}

function clientFaultOf(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error) || !('statusCode' in thrown)) return undefined;
  const { statusCode } = thrown;
  const isClientFault = typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500;
  return isClientFault ? statusCode : undefined;
}
