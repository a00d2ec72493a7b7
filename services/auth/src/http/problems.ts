/** Refusals of the HTTP listeners, as problem+json (RFC 9457). */
import { STATUS_CODES } from 'node:http';
import {
  type GatehouseError,
  PROBLEM_CONTENT_TYPE,
  toGatehouseError,
  toProblem,
} from '@gatehouse/errors';
import type { FastifyReply } from 'fastify';
import { httpErrors } from './errors.ts';

/** Answers whatever was thrown; what Fastify refused keeps its status. */
export function refuse(reply: FastifyReply, error: unknown): FastifyReply {
  const status = clientFaultOf(error);
  if (status === undefined) return sendProblem(reply, toGatehouseError(error));
  return sendProblem(reply, httpErrors.BAD_REQUEST(), status);
}

/** The status of what Fastify itself refuses: a body too large or of a strange type, a path that is none. */
export function clientFaultOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined;
  const { statusCode } = error;
  const isClientFault = typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500;
  return isClientFault ? statusCode : undefined;
}

/** @param status - where HTTP knows more of them than the kinds of error do: 405, 413, 415. */
export function sendProblem(
  reply: FastifyReply,
  error: GatehouseError,
  status?: number,
): FastifyReply {
  const plain = toProblem(error);
  const problem =
    status === undefined ? plain : { ...plain, status, title: STATUS_CODES[status] ?? plain.title };
  reply.header('cache-control', 'no-store');
  reply.header('content-type', PROBLEM_CONTENT_TYPE);
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', error.retryAfterSeconds);
  return reply.code(problem.status).send(Buffer.from(JSON.stringify(problem)));
}
