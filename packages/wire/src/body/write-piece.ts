/**
 * One call to the system for what leaves together: a head, a piece of a body, what frames it.
 *
 * Memory that a socket was given is its own until it has sent it, and a piece that was just received
 * lies in memory that the next one is received into. So it is copied; and what it is copied into is
 * used over and over, as long as sockets take at once what they are given, which they mostly do.
 */
import type { Writable } from 'node:stream';

/** A piece of a body, with a head before it. */
interface Piece {
  /** Latin-1. */
  readonly front: string;
  readonly bytes: Uint8Array;
  /** Latin-1. */
  readonly back: string;
}

/** Two, so that a client that takes no more does not hold the larger one for an response of a few bytes. */
const SMALL_BYTES = 16 * 1024;
const LARGE_BYTES = 160 * 1024;
let small = Buffer.allocUnsafeSlow(SMALL_BYTES);
let large = Buffer.allocUnsafeSlow(LARGE_BYTES);

function isEncrypted(socket: Writable): boolean {
  return 'encrypted' in socket && socket.encrypted === true;
}

/**
 * Writes texts and bytes as one piece. When it returns, the bytes are the caller's again.
 *
 * @returns as `Writable.write` does.
 */
export function writePiece(socket: Writable, { front, bytes, back }: Piece): boolean {
  const length = front.length + bytes.length + back.length;
  // Behind what is not sent yet, or under TLS, it would keep the memory for sure.
  const waits = socket.writableLength > 0 || length > LARGE_BYTES || isEncrypted(socket);
  const area = waits ? Buffer.allocUnsafe(length) : length > SMALL_BYTES ? large : small;
  if (front !== '') area.write(front, 0, 'latin1');
  area.set(bytes, front.length);
  if (back !== '') area.write(back, front.length + bytes.length, 'latin1');
  const goesOn = socket.write(length === area.length ? area : area.subarray(0, length));
  if (socket.writableLength === 0 || waits) return goesOn;
  if (area === small) small = Buffer.allocUnsafeSlow(SMALL_BYTES);
  else large = Buffer.allocUnsafeSlow(LARGE_BYTES);
  return goesOn;
}
