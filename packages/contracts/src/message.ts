/** A row of a table as a message of the contract: columns are named like the fields that they fill. */
import {
  create,
  type DescEnum,
  type DescField,
  type DescMessage,
  type MessageShape,
} from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';

/**
 * Makes a message of a row: a column fills the field of its name, as the contract spells it
 * (`created_at`). A `Date` becomes a timestamp, text becomes the value of that name where the field is an
 * enum, an object becomes the message of the field, a list is taken item by item. Columns without a field
 * are left out; `null` and `undefined` leave the field unset.
 *
 * Nothing is validated: a value of the wrong type fails when the message is written to the wire.
 *
 * @example
 * ```ts
 * import { messageOf } from '@gatehouse/contracts';
 * import { PostSchema } from '@gatehouse/contracts/gen/gatehouse/board/v1/board_pb.ts';
 *
 * const row = { post_id: 'pst_1', title: 'Hello', created_at: new Date(), internal_note: 'left out' };
 * const post = messageOf(PostSchema, row);
 * console.log(post.postId, post.createdAt?.seconds);
 * ```
 * @param row - also a row with members that no column has: `{ ...row, settings: row }`.
 * @throws Error naming the enum, for text that is none of its values.
 */
export function messageOf<S extends DescMessage>(schema: S, row: object): MessageShape<S> {
  const columns = new Map<string, unknown>(Object.entries(row));
  const members = schema.fields.flatMap((field) => {
    const value = columns.get(field.name) ?? undefined;
    return value === undefined ? [] : [[field.localName, valueFor(field, value)] as const];
  });
  return create(schema, Object.fromEntries(members) as never);
}

function valueFor(field: DescField, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => valueFor(field, item));
  if (value instanceof Date) return timestampFromDate(value);
  if (field.enum !== undefined)
    return typeof value === 'string' ? numberOf(field.enum, value) : value;
  if (field.message === undefined || !isPlain(value)) return value;
  return messageOf(field.message, value);
}

function numberOf({ values, typeName }: DescEnum, name: string): number {
  const value = values.find((each) => each.name === name);
  if (value === undefined) throw new Error(`${typeName} has no value "${name}"`);
  return value.number;
}

// Not a message that was made already.
function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !('$typeName' in value);
}
