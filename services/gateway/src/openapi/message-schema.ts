/** Messages of the contracts as JSON Schemas of their protojson form. */
import { create, type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { assertValid } from '@gatehouse/chassis';
import { COMMENTS } from '@gatehouse/contracts/gen/comments.ts';
import { GatehouseError } from '@gatehouse/errors';
import { rulesOf } from './field-rules.ts';
import type { ObjectSchema, Schema } from './schema-types.ts';

/** Whether a message is sent to us or by us: what is refused on the way in may be there on the way out. */
export type Direction = 'request' | 'response';

/** Makes schemas, and keeps those of named messages to be referred to. */
export class MessageSchemas {
  /** Name → schema, of every message that was referred to. */
  readonly named = new Map<string, ObjectSchema>();

  /** A reference to the schema of a message, which is made on first use. */
  reference(message: DescMessage, direction: Direction): Schema {
    const name = nameOf(message, direction);
    if (!this.named.has(name)) {
      // Taken first, or a message that holds itself would never end.
      this.named.set(name, { type: 'object', properties: {}, additionalProperties: false });
      this.named.set(name, this.object(message, direction));
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  /**
   * The schema of a message.
   *
   * @param without - fields that come from elsewhere, by their name in the contract.
   */
  object(
    message: DescMessage,
    direction: Direction,
    without: ReadonlySet<string> = new Set(),
  ): ObjectSchema {
    const fields = message.fields.filter(({ name }) => !without.has(name));
    const isRequired = direction === 'request' ? refusedWhenEmpty(message) : isAlwaysThere;
    const required = fields.filter(isRequired).map(({ jsonName }) => jsonName);
    const description = COMMENTS[message.typeName];
    return {
      type: 'object',
      ...(description === undefined ? {} : { description }),
      properties: Object.fromEntries(
        fields.map((field) => [field.jsonName, this.field(field, direction)]),
      ),
      ...(required.length === 0 ? {} : { required }),
      additionalProperties: false,
    };
  }

  /** The schema of one member, with what its contract says of it. */
  field(field: DescField, direction: Direction): Schema {
    const { field: own, items, remarks } = rulesOf(field);
    const comment = commentOf(field);
    const texts = [...(comment === undefined ? [] : [comment]), ...remarks];
    const description = texts.length === 0 ? {} : { description: texts.join(' ') };
    const isSecret = direction === 'request' && field.proto.options?.debugRedact === true;
    const rules = { ...own, ...(isSecret ? { format: 'password' } : {}), ...description };
    if (field.fieldKind === 'list') {
      return { type: 'array', items: { ...this.#value(field, direction), ...items }, ...rules };
    }
    if (field.fieldKind === 'map') {
      return { type: 'object', additionalProperties: this.#value(field, direction), ...rules };
    }
    return { ...this.#value(field, direction), ...rules };
  }

  #value(field: DescField, direction: Direction): Schema {
    if (field.enum !== undefined) {
      return { type: 'string', enum: field.enum.values.map(({ name }) => name) };
    }
    if (field.message !== undefined) {
      return WELL_KNOWN[field.message.typeName] ?? this.reference(field.message, direction);
    }
    return SCALARS[field.scalar ?? ScalarType.STRING] ?? { type: 'string' };
  }
}

/** What the contract says above a field. */
export function commentOf({ parent, name }: DescField): string | undefined {
  return COMMENTS[`${parent.typeName}.${name}`];
}

/** `board.v1.Post`; a message that is not made to be a request is another when it is in one. */
function nameOf({ typeName, name }: DescMessage, direction: Direction): string {
  const short = typeName.replace(/^gatehouse\./, '');
  return direction === 'request' && !name.endsWith('Request') ? `${short}Input` : short;
}

/**
 * Which fields a request must have: those that an empty one is refused for. So the validator that
 * enforces the rules also says what they mean.
 */
function refusedWhenEmpty(message: DescMessage): (field: DescField) => boolean {
  const pointers = new Set<string>();
  try {
    assertValid(message, create(message));
  } catch (refusal) {
    if (!(refusal instanceof GatehouseError)) throw refusal;
    for (const { pointer } of refusal.fields) pointers.add(pointer);
  }
  return ({ jsonName }) => pointers.has(`/${jsonName}`);
}

/** Responses have defaults present; a message or an optional member only when it is set. */
function isAlwaysThere(field: DescField): boolean {
  if (field.oneof !== undefined || field.proto.proto3Optional) return false;
  return field.fieldKind !== 'message';
}

const WHOLE_32 = { type: 'integer', format: 'int32' };
const NATURAL_32 = { type: 'integer', minimum: 0, maximum: 4_294_967_295 };
// Beyond what a number of JSON holds in every reader, so protojson writes them as text.
const WHOLE_64 = { type: 'string', format: 'int64', pattern: '^-?[0-9]{1,19}$' };
const NATURAL_64 = { type: 'string', format: 'uint64', pattern: '^[0-9]{1,20}$' };

const SCALARS: Readonly<Record<number, Schema>> = {
  [ScalarType.STRING]: { type: 'string' },
  [ScalarType.BOOL]: { type: 'boolean' },
  [ScalarType.BYTES]: { type: 'string', contentEncoding: 'base64' },
  [ScalarType.DOUBLE]: { type: 'number', format: 'double' },
  [ScalarType.FLOAT]: { type: 'number', format: 'float' },
  [ScalarType.INT32]: WHOLE_32,
  [ScalarType.SINT32]: WHOLE_32,
  [ScalarType.SFIXED32]: WHOLE_32,
  [ScalarType.UINT32]: NATURAL_32,
  [ScalarType.FIXED32]: NATURAL_32,
  [ScalarType.INT64]: WHOLE_64,
  [ScalarType.SINT64]: WHOLE_64,
  [ScalarType.SFIXED64]: WHOLE_64,
  [ScalarType.UINT64]: NATURAL_64,
  [ScalarType.FIXED64]: NATURAL_64,
};

const WELL_KNOWN: Readonly<Record<string, Schema>> = {
  'google.protobuf.Timestamp': { type: 'string', format: 'date-time' },
  'google.protobuf.Duration': { type: 'string', pattern: '^-?[0-9]+(\\.[0-9]{1,9})?s$' },
  'google.protobuf.FieldMask': { type: 'string' },
};
