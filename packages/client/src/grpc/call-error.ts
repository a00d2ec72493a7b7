/** What a failed gRPC call is to its caller. */
import { commonErrors, GatehouseError } from '@gatehouse/errors';
import { Metadata, type ServiceError } from '@grpc/grpc-js';
import { decodeStatus, STATUS_TRAILER } from './status.ts';

/** The error that a server gave, or the common one of what grpc-js says. */
function errorOf(thrown: unknown): GatehouseError {
  if (thrown instanceof GatehouseError) return thrown;
  if (!isServiceError(thrown)) return commonErrors.INTERNAL({ cause: thrown });
  const [details] = thrown.metadata.get(STATUS_TRAILER);
  return decodeStatus(Buffer.isBuffer(details) ? details : undefined, {
    grpcCode: thrown.code,
    message: thrown.details,
  });
}

/** As that, of a call whose caller may have gone away. */
export function callErrorOf(thrown: unknown, signal: AbortSignal | undefined): GatehouseError {
  return signal?.aborted === true ? commonErrors.CANCELLED() : errorOf(thrown);
}

function isServiceError(thrown: unknown): thrown is ServiceError {
  return thrown instanceof Error && 'metadata' in thrown && thrown.metadata instanceof Metadata;
}
