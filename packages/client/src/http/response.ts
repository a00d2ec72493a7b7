/** A web `Response` from what `node:http` read. */
import type { IncomingMessage } from 'node:http';

/** Fetch, section 2.2.3: statuses whose Response has no body. */
const BODYLESS: ReadonlySet<number> = new Set([204, 205, 304]);

export function responseFrom(message: IncomingMessage, body: Buffer): Response {
  const { statusCode: status = 0, statusMessage: statusText = '', rawHeaders } = message;
  const headers = new Headers();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    headers.append(rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '');
  }
  const content = BODYLESS.has(status) ? null : new Uint8Array(body);
  return new Response(content, { status, statusText, headers });
}
