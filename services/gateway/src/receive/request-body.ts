/** The body of a request, read within a limit. */
import type { GatehouseError } from '@gatehouse/errors';
import type { BodySource } from '@gatehouse/wire';
import { edgeErrors } from '../errors.ts';

/** From a request's head to the end of a body that is read whole. */
const WHOLE_REQUEST_MS = 30_000;

/** How much of a body is taken, and until when. */
export interface BodyBounds {
  /** More is refused before it is kept; an announced length before it is read. */
  readonly limitBytes: number;
  /** As announced; undefined: not at all. */
  readonly lengthBytes: number | undefined;
  /** When the request began, by `performance.now()`: the body must be whole 30 s later. */
  readonly begunMs: number;
}

/**
 * Reads a body to its end.
 *
 * @throws GatehouseError `gateway.body_too_large`; `gateway.timeout`; `gateway.body_incomplete` when
 * the client disconnected or its framing broke.
 */
export function readBounded(
  body: BodySource,
  { limitBytes, lengthBytes = 0, begunMs }: BodyBounds,
): Promise<Uint8Array> {
  if (lengthBytes > limitBytes) return Promise.reject(edgeErrors.BODY_TOO_LARGE());
  return new Promise<Uint8Array>((resolve, reject) => {
    let kept = EMPTY;
    let size = 0;
    const fail = (error: GatehouseError): void => {
      clearTimeout(timer);
      body.release();
      reject(error);
    };
    const leftMs = Math.max(0, WHOLE_REQUEST_MS - (performance.now() - begunMs));
    const timer = setTimeout(() => fail(edgeErrors.TIMEOUT()), leftMs);
    body.flow({
      onPiece: (bytes) => {
        const before = size;
        size += bytes.length;
        if (size > limitBytes) {
          fail(edgeErrors.BODY_TOO_LARGE());
          return false;
        }
        kept = withRoomFor(size, kept, before);
        bytes.copy(kept, before);
        return true;
      },
      onEnd: () => {
        clearTimeout(timer);
        resolve(kept.subarray(0, size));
      },
      onBroken: (cause) => fail(edgeErrors.BODY_INCOMPLETE({ cause })),
    });
  });
}

const EMPTY: Buffer = Buffer.alloc(0);

/** Copied and not collected: a client can send a body byte by byte, each in a buffer of its own. */
function withRoomFor(size: number, kept: Buffer, used: number): Buffer {
  if (size <= kept.length) return kept;
  const larger = Buffer.allocUnsafe(used === 0 ? size : size * 2);
  kept.copy(larger, 0, 0, used);
  return larger;
}
