/** Checks a request by the field rules in its contract, and its texts for NUL; names what is wrong. */
import type { DescMessage, Message } from '@bufbuild/protobuf';
import { createValidator, type Violation } from '@bufbuild/protovalidate';
import { commonErrors, type FieldViolation } from '@gatehouse/errors';
import { textsWithNul } from './text.ts';

// Plans are compiled once for each message and kept in the validator, so a process has one.
const validator = createValidator();

/**
 * @throws GatehouseError `common.invalid_input` with a JSON Pointer for each member at fault, in the
 *   names of the JSON mapping (`/postId`).
 * @throws Error when a rule in the contract itself is wrong.
 *
 * @example
 * ```ts
 * import { create } from '@bufbuild/protobuf';
 * import { assertValid } from '@gatehouse/chassis';
 * import { GetPostRequestSchema } from '@gatehouse/contracts/gen/gatehouse/board/v1/board_pb.ts';
 *
 * export function assertPostId(postId: string) {
 *   assertValid(GetPostRequestSchema, create(GetPostRequestSchema, { postId }));
 * }
 * ```
 */
export function assertValid(schema: DescMessage, message: Message): void {
  const result = validator.validate(schema, message);
  if (result.kind === 'error') throw result.error;
  const fields = [
    ...(result.violations ?? []).map(fieldViolationOf),
    ...textsWithNul(schema, message).map(nulViolationOf),
  ];
  if (fields.length > 0) throw commonErrors.INVALID_INPUT({ fields });
}

function nulViolationOf(path: readonly string[]): FieldViolation {
  return { pointer: pointerOfNames(path), detail: 'must not hold the character U+0000' };
}

function fieldViolationOf({ field, message }: Violation): FieldViolation {
  return { pointer: pointerOf(field), detail: message };
}

function pointerOf(path: Violation['field']): string {
  return pointerOfNames(path.map(nameOf));
}

function pointerOfNames(names: readonly string[]): string {
  return names.map((name) => `/${escapeStep(name)}`).join('');
}

function nameOf(step: Violation['field'][number]): string {
  switch (step.kind) {
    case 'field':
      return step.jsonName;
    case 'list_sub':
      return String(step.index);
    case 'map_sub':
      return String(step.key);
    default:
      return step.name;
  }
}

// RFC 6901, section 3.
function escapeStep(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
