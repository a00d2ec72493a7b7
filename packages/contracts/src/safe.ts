import { type DescMethod, getOption, hasOption } from '@bufbuild/protobuf';
import { MethodOptions_IdempotencyLevel } from '@bufbuild/protobuf/wkt';
import { http } from './gen/google/api/annotations_pb.ts';

// Asked for every call, and an option takes longer to read than all else that is asked.
const known = new WeakMap<DescMethod, boolean>();

/**
 * Tells whether a call of the method changes nothing, so that it may be repeated when nobody knows what
 * became of it: it is a GET at the edge, or says `idempotency_level = NO_SIDE_EFFECTS`.
 *
 * @example
 * ```ts
 * import { isSafe } from '@gatehouse/contracts';
 * import { BoardService } from '@gatehouse/contracts/gen/gatehouse/board/v1/board_pb.ts';
 *
 * console.log(isSafe(BoardService.method.getPost)); // true
 * ```
 */
export function isSafe(method: DescMethod): boolean {
  let safe = known.get(method);
  if (safe === undefined) {
    safe = readSafe(method);
    known.set(method, safe);
  }
  return safe;
}

function readSafe(method: DescMethod): boolean {
  if (method.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS) return true;
  return hasOption(method, http) && getOption(method, http).pattern.case === 'get';
}
