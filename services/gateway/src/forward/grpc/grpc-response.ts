/** What a service's answer on the wire means: a message, or its error. */
import type { IncomingHttpHeaders } from 'node:http2';
import { decodeStatus, STATUS_TRAILER } from '@gatehouse/client/grpc';
import { edgeErrors } from '../../errors.ts';
import { unframeMessage } from './grpc-frame.ts';

/** A response as HTTP/2 brought it. */
export interface RawResponse {
  readonly headers: IncomingHttpHeaders;
  /** Empty for a response of headers only, which then hold the status themselves. */
  readonly trailers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/**
 * Reads a response (gRPC over HTTP/2, "Responses").
 *
 * @returns the response message in binary form.
 * @throws GatehouseError what the service said; `gateway.upstream_away` for what a proxy in between
 * says when it found nobody; `gateway.upstream_answer` for all that is no gRPC.
 */
export function readResponse(response: RawResponse): Uint8Array {
  const httpStatus = Number(response.headers[':status']);
  if (httpStatus === 502 || httpStatus === 503 || httpStatus === 504) {
    throw edgeErrors.UPSTREAM_AWAY();
  }
  const type = response.headers['content-type'] ?? '';
  if (httpStatus !== 200 || !/^application\/grpc(?:\+proto)?(?:;|$)/.test(type)) {
    throw edgeErrors.UPSTREAM_ANSWER();
  }
  const end = response.trailers['grpc-status'] === undefined ? response.headers : response.trailers;
  const grpcCode = Number(end['grpc-status'] ?? Number.NaN);
  if (Number.isNaN(grpcCode)) throw edgeErrors.UPSTREAM_ANSWER();
  if (grpcCode === 0) return unframeMessage(response.body);
  const details = end[STATUS_TRAILER];
  throw decodeStatus(typeof details === 'string' ? Buffer.from(details, 'base64') : undefined, {
    grpcCode,
    message: String(end['grpc-message'] ?? ''),
  });
}
