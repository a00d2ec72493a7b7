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
    ...(result.violations ?? []).map((fault) =>
      at(fault.field.map(nameOf), withPlural(fault.message)),
    ),
    ...textsWithNul(schema, message).map((path) => at(path, NO_NUL)),
  ];
  if (fields.length > 0) throw commonErrors.INVALID_INPUT({ fields });
}

const NO_NUL = 'must not hold the character U+0000';

// RFC 6901, section 3.
function at(path: readonly string[], detail: string): FieldViolation {
  const steps = path.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  return { pointer: steps.join(''), detail };
}

const SINGULAR: Readonly<Record<string, string>> = {
  characters: 'character',
  bytes: 'byte',
  entries: 'entry',
  items: 'item',
};

/** The validator writes "1 characters" and "2 item(s)". */
function withPlural(message: string): string {
  const plural = message.replace(/ item\(s\)$/, ' items');
  return plural.replace(/ 1 (\w+)$/, (all, noun: string) => {
    const singular = SINGULAR[noun];
    return singular === undefined ? all : ` 1 ${singular}`;
  });
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
