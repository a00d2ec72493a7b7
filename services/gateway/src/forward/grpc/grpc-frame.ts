/** Length-prefixed messages of gRPC, for calls with one message each way. */
import { edgeErrors } from '../../errors.ts';

const PREFIX_BYTES = 5;

/** One message with its prefix: an uncompressed flag and a length of four bytes, big-endian. */
export function frameMessage(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  frame.writeUInt8(0, 0);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, PREFIX_BYTES);
  return frame;
}

/**
 * The one message of a successful unary answer.
 *
 * @throws GatehouseError `gateway.upstream_answer` when it is not exactly one uncompressed message.
 */
export function unframeMessage(bytes: Buffer): Uint8Array {
  const whole = bytes.length >= PREFIX_BYTES && bytes.readUInt8(0) === 0;
  if (!whole || bytes.readUInt32BE(1) !== bytes.length - PREFIX_BYTES) {
    throw edgeErrors.UPSTREAM_ANSWER();
  }
  return bytes.subarray(PREFIX_BYTES);
}
