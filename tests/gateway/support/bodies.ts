/** Bodies that both ends can make from a number, so that each knows what the other has sent. */
import { createCipheriv, createHash } from 'node:crypto';
import type { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { type SeededRandom, seededRandom } from '../../conformance/random.ts';

const POOL_BYTES = 4 * 1024 * 1024;
const PIECE_BYTES = 64 * 1024;
const MARK_BYTES = 8;
const pool = createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16)).update(
  Buffer.alloc(POOL_BYTES),
);

/** How the pieces of a body follow each other. */
export type Pace = 'at once' | 'in pieces' | 'with pauses';

/** The pieces of a body; the first bytes are its number, so that no two are equal. */
function* bodyOf(seed: number, size: number, pieceBytes = PIECE_BYTES): Generator<Buffer> {
  const mark = Buffer.alloc(MARK_BYTES);
  mark.writeDoubleBE(seed);
  const start = mark.subarray(0, Math.min(size, MARK_BYTES));
  if (start.length > 0) yield start;
  let offset = (Math.imul(seed, 0x9e3779b1) >>> 0) % POOL_BYTES;
  for (let left = size - start.length; left > 0; ) {
    const length = Math.min(left, pieceBytes, POOL_BYTES - offset);
    yield pool.subarray(offset, offset + length);
    offset = (offset + length) % POOL_BYTES;
    left -= length;
  }
}

/** SHA-256 of a body, in base64url. */
export function hashOf(seed: number, size: number): string {
  const hash = createHash('sha256');
  for (const piece of bodyOf(seed, size)) hash.update(piece);
  return hash.digest('base64url');
}

/** Writes a body at its pace, no faster than it is taken. Does not end the stream. */
export async function writeBody(
  stream: Writable,
  body: { readonly seed: number; readonly size: number; readonly pace: Pace },
): Promise<void> {
  const { seed, size, pace } = body;
  const random = seededRandom(seed);
  for (const piece of bodyOf(seed, size, pace === 'at once' ? PIECE_BYTES : pieceBytes(random))) {
    if (stream.destroyed) return;
    if (!stream.write(piece)) await drained(stream);
    if (pace === 'with pauses') await delay(random.below(4));
  }
}

function pieceBytes(random: SeededRandom): number {
  return 1 + random.below(16 * 1024);
}

function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done);
      stream.off('close', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('close', done);
  });
}
