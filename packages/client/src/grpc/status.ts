/**
 * Errors between services: google.rpc.Status in the trailer `grpc-status-details-bin`.
 *
 * `ErrorInfo` carries the stable code (reason, domain `gatehouse`), `BadRequest` the members at
 * fault as JSON Pointers, `RetryInfo` when to retry. Source: google.rpc.error_details.
 */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { type Any, anyPack, anyUnpack, DurationSchema } from '@bufbuild/protobuf/wkt';
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from '@gatehouse/contracts/gen/google/rpc/error_details_pb.ts';
import { type Status, StatusSchema } from '@gatehouse/contracts/gen/google/rpc/status_pb.ts';
import {
  commonErrors,
  type ErrorFactory,
  type ErrorKind,
  type FieldViolation,
  GatehouseError,
  kindOfGrpcCode,
} from '@gatehouse/errors';

/** Name of the trailer that holds the encoded status. */
export const STATUS_TRAILER = 'grpc-status-details-bin';

const DOMAIN = 'gatehouse';

/** What an external or local failure without details of ours becomes, by its kind. */
const WITHOUT_DETAILS: Partial<Record<ErrorKind, ErrorFactory>> = {
  UNAVAILABLE: commonErrors.UNAVAILABLE,
  DEADLINE_EXCEEDED: commonErrors.DEADLINE,
  CANCELLED: commonErrors.CANCELLED,
};

/** What gRPC itself says of a failed call, beside the details. */
export interface PlainStatus {
  /** 1 to 16. */
  readonly grpcCode: number;
  /** The `grpc-message`; kept as cause, never shown. */
  readonly message: string;
}

/**
 * Encodes an error as google.rpc.Status: code, message, fields and retry. Its cause stays here.
 *
 * @example
 * ```ts
 * import { encodeStatus } from '@gatehouse/client/grpc';
 * import { commonErrors } from '@gatehouse/errors';
 *
 * const trailer = encodeStatus(commonErrors.UNAVAILABLE({ retryAfterSeconds: 2 }));
 * ```
 */
export function encodeStatus(error: GatehouseError): Uint8Array {
  const details: Any[] = [
    anyPack(ErrorInfoSchema, create(ErrorInfoSchema, { reason: error.code, domain: DOMAIN })),
  ];
  if (error.fields.length > 0) details.push(packFields(error.fields));
  if (error.retryAfterSeconds !== undefined) details.push(packRetry(error.retryAfterSeconds));
  const { grpcCode: code, message } = error;
  return toBinary(StatusSchema, create(StatusSchema, { code, message, details }));
}

/**
 * Decodes the error that a peer encoded.
 *
 * @example
 * ```ts
 * import { decodeStatus } from '@gatehouse/client/grpc';
 *
 * const error = decodeStatus(undefined, { grpcCode: 14, message: 'connection refused' });
 * console.log(error.code); // common.unavailable
 * ```
 *
 * @param details - the value of the trailer; undefined when the call failed without one.
 * @param plain - what gRPC said.
 * @returns an error with the peer's code, message and fields, when the details are Gatehouse's; else
 *   the common error of the kind: unavailable, deadline and cancelled stay so, all others are
 *   `common.internal`, since a failure that we do not know is ours to explain.
 */
export function decodeStatus(details: Uint8Array | undefined, plain: PlainStatus): GatehouseError {
  const kind = kindOfGrpcCode(plain.grpcCode);
  const status = details === undefined ? undefined : parseStatus(details);
  const info = status && find(status, (any) => anyUnpack(any, ErrorInfoSchema));
  if (status === undefined || info?.domain !== DOMAIN || kindOfGrpcCode(status.code) !== kind) {
    const cause = new Error(`gRPC ${kind}: ${plain.message}`);
    return (WITHOUT_DETAILS[kind] ?? commonErrors.INTERNAL)({ cause });
  }
  const retry = find(status, (any) => anyUnpack(any, RetryInfoSchema))?.retryDelay;
  const fields = find(status, (any) => anyUnpack(any, BadRequestSchema))?.fieldViolations ?? [];
  return new GatehouseError(
    { kind, code: info.reason, message: status.message },
    {
      fields: fields.map(({ field, description }) => ({ pointer: field, detail: description })),
      ...(retry === undefined ? {} : { retryAfterSeconds: Number(retry.seconds) }),
    },
  );
}

function packFields(fields: readonly FieldViolation[]): Any {
  const fieldViolations = fields.map(({ pointer, detail }) => ({
    field: pointer,
    description: detail,
  }));
  return anyPack(BadRequestSchema, create(BadRequestSchema, { fieldViolations }));
}

function packRetry(seconds: number): Any {
  const retryDelay = create(DurationSchema, { seconds: BigInt(Math.ceil(seconds)) });
  return anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay }));
}

function parseStatus(bytes: Uint8Array): Status | undefined {
  try {
    return fromBinary(StatusSchema, bytes);
  } catch {
    // A peer that is not ours may put anything there; gRPC's own code still stands.
    return undefined;
  }
}

function find<Detail>(
  status: Status,
  unpack: (any: Any) => Detail | undefined,
): Detail | undefined {
  for (const any of status.details) {
    const detail = unpack(any);
    if (detail !== undefined) return detail;
  }
  return undefined;
}
