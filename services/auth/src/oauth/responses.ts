/** Answers of the OAuth endpoints: JSON, never kept by anyone (RFC 6749, sections 5.1 and 5.2). */
import { type GatehouseError, toGatehouseError } from '@gatehouse/errors';
import type { FastifyReply } from 'fastify';
import { clientFaultOf } from '../http/problems.ts';

const CHALLENGE = 'Basic realm="gatehouse", charset="UTF-8"';

/** Answers 200 with JSON. */
export function sendJson(reply: FastifyReply, body: object): FastifyReply {
  return send(reply, 200, body);
}

/** Answers whatever was thrown, in the words of RFC 6749. */
export function sendOAuthError(reply: FastifyReply, thrown: unknown): FastifyReply {
  const status = clientFaultOf(thrown);
  if (status !== undefined) {
    const error_description = status === 413 ? 'The body is too large.' : 'The body is not a form.';
    const known = status === 413 ? 413 : 400;
    return send(reply, known, { error: 'invalid_request', error_description });
  }
  const error = toGatehouseError(thrown);
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', error.retryAfterSeconds);
  // 401 whichever way was tried; the challenge names the one that HTTP knows (RFC 9110, 11.6.1).
  if (error.httpStatus === 401) reply.header('www-authenticate', CHALLENGE);
  return send(reply, error.httpStatus, {
    error: nameOf(error),
    error_description: descriptionOf(error),
  });
}

function nameOf({ code, httpStatus }: GatehouseError): string {
  if (code.startsWith('oauth.')) return code.slice('oauth.'.length);
  return httpStatus === 503 || httpStatus === 429 ? 'temporarily_unavailable' : 'server_error';
}

function descriptionOf({ message, fields }: GatehouseError): string {
  const details = fields.map(({ pointer, detail }) => `${pointer.slice(1)} ${detail}.`.trim());
  return [message, ...details].join(' ');
}

function send(reply: FastifyReply, status: number, body: object): FastifyReply {
  reply.header('cache-control', 'no-store');
  reply.header('pragma', 'no-cache');
  reply.header('content-type', 'application/json');
  return reply.code(status).send(Buffer.from(JSON.stringify(body)));
}
