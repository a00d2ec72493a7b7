/**
 * From gRPC status to HTTP status: the canonical kinds of failure, as gRPC names them, with their number
 * on the wire and the HTTP status of the response at the edge. What the edge has beyond this table (405,
 * 408, 413, 415, 431) stands in the gateway's `errors.ts`.
 *
 * Source: google.rpc.Code; the HTTP column is Gatehouse's own table (`docs/errors.md`).
 */
export const KINDS = {
  CANCELLED: { grpcCode: 1, httpStatus: 499, title: 'Cancelled' },
  UNKNOWN: { grpcCode: 2, httpStatus: 500, title: 'Internal error' },
  INVALID_ARGUMENT: { grpcCode: 3, httpStatus: 400, title: 'Bad request' },
  DEADLINE_EXCEEDED: { grpcCode: 4, httpStatus: 504, title: 'Gateway timeout' },
  NOT_FOUND: { grpcCode: 5, httpStatus: 404, title: 'Not found' },
  ALREADY_EXISTS: { grpcCode: 6, httpStatus: 409, title: 'Conflict' },
  PERMISSION_DENIED: { grpcCode: 7, httpStatus: 403, title: 'Forbidden' },
  RESOURCE_EXHAUSTED: { grpcCode: 8, httpStatus: 429, title: 'Too many requests' },
  FAILED_PRECONDITION: { grpcCode: 9, httpStatus: 400, title: 'Bad request' },
  ABORTED: { grpcCode: 10, httpStatus: 409, title: 'Conflict' },
  OUT_OF_RANGE: { grpcCode: 11, httpStatus: 400, title: 'Bad request' },
  UNIMPLEMENTED: { grpcCode: 12, httpStatus: 501, title: 'Not implemented' },
  INTERNAL: { grpcCode: 13, httpStatus: 500, title: 'Internal error' },
  UNAVAILABLE: { grpcCode: 14, httpStatus: 503, title: 'Service unavailable' },
  DATA_LOSS: { grpcCode: 15, httpStatus: 500, title: 'Internal error' },
  UNAUTHENTICATED: { grpcCode: 16, httpStatus: 401, title: 'Unauthorized' },
} as const satisfies Record<string, { grpcCode: number; httpStatus: number; title: string }>;

/** The name of a kind: `'NOT_FOUND'`, `'UNAVAILABLE'`, … */
export type ErrorKind = keyof typeof KINDS;

const byGrpcCode = new Map<number, ErrorKind>(
  (Object.keys(KINDS) as ErrorKind[]).map((kind) => [KINDS[kind].grpcCode, kind]),
);

/**
 * The kind of a gRPC status number.
 *
 * @param grpcCode - 1 to 16; anything else, 0 (OK) included, is `UNKNOWN`.
 */
export function kindOfGrpcCode(grpcCode: number): ErrorKind {
  return byGrpcCode.get(grpcCode) ?? 'UNKNOWN';
}

const OUR_FAULT: ReadonlySet<ErrorKind> = new Set(['INTERNAL', 'UNKNOWN', 'DATA_LOSS']);

/** Whether a kind tells of a fault inside: it is logged whole, and what it says stays inside. */
export function isOurFault(kind: ErrorKind): boolean {
  return OUR_FAULT.has(kind);
}
