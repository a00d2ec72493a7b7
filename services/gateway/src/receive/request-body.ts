/** The body of a `node:http` request: read within a limit, or thrown away within one. */
import type { IncomingMessage } from 'node:http';
import { edgeErrors } from '../errors.ts';

// How much of an unwanted body is swallowed so that the client reads its answer, not a reset.
const LINGER_BYTES = 8 * 1024 * 1024;
const LINGER_MS = 2000;

/**
 * Reads a body to its end.
 *
 * @param limitBytes - more is refused before it is kept; an announced length before it is read.
 * @param beforeReading - called once the announced length was found good.
 * @throws GatehouseError `gateway.body_too_large`; `gateway.body_incomplete` when the client broke
 * off or its framing did.
 */
export function readBounded(
  request: IncomingMessage,
  limitBytes: number,
  beforeReading: () => void,
): Promise<Uint8Array> {
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) {
    return Promise.reject(edgeErrors.BODY_TOO_LARGE());
  }
  beforeReading();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size <= limitBytes) {
        chunks.push(chunk);
        return;
      }
      request.off('data', onData);
      reject(edgeErrors.BODY_TOO_LARGE());
    };
    request.on('data', onData);
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', (cause) => reject(edgeErrors.BODY_INCOMPLETE({ cause })));
    request.once('close', () => reject(edgeErrors.BODY_INCOMPLETE()));
  });
}

/**
 * Lets the rest of a body pass, within bounds, before its connection is closed (RFC 9112, 9.6: a
 * close with unread bytes resets the connection and may take the answer with it).
 */
export function linger(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let size = 0;
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, LINGER_MS);
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > LINGER_BYTES) done();
    });
    request.once('end', done);
    request.once('close', done);
    request.resume();
  });
}
