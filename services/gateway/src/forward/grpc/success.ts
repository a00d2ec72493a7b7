/** Successes on their way out: a message becomes canonical protojson. */
import { type DescMessage, fromBinary, type JsonValue, toJson } from '@bufbuild/protobuf';
import type { MethodContract } from '@gatehouse/contracts';
import { edgeErrors } from '../../errors.ts';
import { COMMON_HEADERS } from '../../receive/common-headers.ts';
import type { EdgeResponse } from '../../receive/seam.ts';

const encoder = new TextEncoder();

/**
 * The response to a success: protojson with defaults present, 64-bit integers as strings, the status
 * that the contract names. A 204 has no body.
 *
 * @param bytes - the response message in binary form.
 * @throws GatehouseError `gateway.upstream_answer` when they are no such message.
 */
export function successResponse(method: MethodContract, bytes: Uint8Array): EdgeResponse {
  if (method.successStatus === 204) return { status: 204, headers: COMMON_HEADERS };
  return {
    status: method.successStatus,
    headers: { ...COMMON_HEADERS, 'content-type': 'application/json' },
    body: encoder.encode(JSON.stringify(jsonOf(method.desc.output, bytes))),
  };
}

function jsonOf(schema: DescMessage, bytes: Uint8Array): JsonValue {
  try {
    return toJson(schema, fromBinary(schema, bytes), { alwaysEmitImplicit: true });
  } catch (cause) {
    throw edgeErrors.UPSTREAM_ANSWER({ cause });
  }
}
