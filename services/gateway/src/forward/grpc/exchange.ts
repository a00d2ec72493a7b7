/** One request and its response on an HTTP/2 session, within bounds of size and time. */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { edgeErrors } from '../../errors.ts';
import type { RawResponse } from './grpc-response.ts';
import { NotProcessed } from './not-processed.ts';

/** What is sent, and how much may come back. */
export interface Exchange {
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
  readonly limitBytes: number;
  /** Its abort resets the stream (CANCEL); its reason is what the promise rejects with. */
  readonly signal: AbortSignal;
}

/**
 * Sends one request.
 *
 * @param lastProcessed - the last stream that a GOAWAY promised to answer, where one came.
 * @throws NotProcessed when it may be sent again; the signal's reason; GatehouseError
 * `gateway.upstream_away` when the connection broke and nobody knows what became of it;
 * `gateway.upstream_answer` when the response is too large.
 */
export async function exchange(
  session: ClientHttp2Session,
  request: Exchange,
  lastProcessed: () => number | undefined,
): Promise<RawResponse> {
  const stream = open(session, request.headers);
  const onAbort = (): void => stream.close(constants.NGHTTP2_CANCEL);
  request.signal.addEventListener('abort', onAbort, { once: true });
  try {
    stream.end(request.body);
    return await readStream(stream, request.limitBytes);
  } catch (fault) {
    request.signal.throwIfAborted();
    if (fault !== BROKEN) throw fault;
    const refused = stream.rstCode === constants.NGHTTP2_REFUSED_STREAM;
    const beyond = (stream.id ?? 0) > (lastProcessed() ?? Number.POSITIVE_INFINITY);
    if (refused || beyond || stream.pending) throw new NotProcessed('refused');
    throw edgeErrors.UPSTREAM_AWAY();
  } finally {
    request.signal.removeEventListener('abort', onAbort);
  }
}

const BROKEN = new Error('the stream ended before its answer did');

function open(session: ClientHttp2Session, headers: OutgoingHttpHeaders): ClientHttp2Stream {
  try {
    return session.request(headers);
  } catch (cause) {
    // A session that is closing takes no new stream.
    throw new NotProcessed('the session is closing', { cause });
  }
}

function readStream(stream: ClientHttp2Stream, limitBytes: number): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    let headers: IncomingHttpHeaders | undefined;
    let trailers: IncomingHttpHeaders = {};
    const chunks: Buffer[] = [];
    let size = 0;
    stream.on('response', (received) => {
      headers = received;
    });
    stream.on('trailers', (received) => {
      trailers = received;
    });
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limitBytes) {
        chunks.push(chunk);
        return;
      }
      reject(edgeErrors.UPSTREAM_ANSWER());
      stream.close(constants.NGHTTP2_CANCEL);
    });
    // Why is told by 'close', which always follows.
    stream.on('error', () => undefined);
    stream.on('close', () => {
      const complete = headers !== undefined && stream.rstCode === constants.NGHTTP2_NO_ERROR;
      if (!complete || stream.aborted) reject(BROKEN);
      else resolve({ headers: headers ?? {}, trailers, body: Buffer.concat(chunks) });
    });
  });
}
