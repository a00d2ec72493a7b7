import type { FastifyReply } from 'fastify';

/** Header fields by name in lower case. */
export type Headers = Readonly<Record<string, string>>;

/** A response that a route, or the form of an error, gives. */
export interface HttpResponse {
  /** Default 200; of an error, its own. */
  readonly status?: number;
  /** Default none; of an error, those of its {@link HttpFailure}. */
  readonly headers?: Headers;
  readonly contentType?: string;
  /** Text is sent as UTF-8. */
  readonly body?: string | Buffer;
}

/**
 * Sends a response, with the content type exactly as it is given.
 *
 * @example
 * ```ts
 * import { httpListener, sendResponse } from '@gatehouse/chassis/http';
 * import type { ServiceContext } from '@gatehouse/chassis';
 *
 * const listenerOf = (context: ServiceContext) =>
 *   httpListener(context, {
 *     routes: (app) => {
 *       app.get('/health', async (_request, reply) =>
 *         sendResponse(reply, { contentType: 'application/json', body: '{"status":"UP"}' }),
 *       );
 *     },
 *   });
 * ```
 */
export function sendResponse(reply: FastifyReply, response: HttpResponse): FastifyReply {
  const { status = 200, headers = {}, contentType, body } = response;
  reply.code(status).headers(headers);
  if (contentType !== undefined) reply.header('content-type', contentType);
  // As bytes: Fastify would add a charset to text, which JSON has none of (RFC 8259, section 11).
  return reply.send(typeof body === 'string' ? Buffer.from(body) : body);
}
