/** Values that come as text, in a path or a query, as the JSON value that their field takes. */
import { type DescField, type JsonValue, ScalarType } from '@bufbuild/protobuf';

const WHOLE = /^-?(?:0|[1-9][0-9]{0,19})$/;
const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
const FLOATS: readonly ScalarType[] = [ScalarType.DOUBLE, ScalarType.FLOAT];

/** Whether a field can be given as text at all: no map, no message but a well-known one. */
export function takesText(field: DescField): boolean {
  if (field.fieldKind === 'map') return false;
  return field.message === undefined || TEXTUAL.has(field.message.typeName);
}

/**
 * The JSON value of one text.
 *
 * Stricter than protojson: a number has one spelling, without a plus sign, leading zeros or spaces.
 *
 * @returns undefined when the text cannot be a value of the field. Ranges are left to `fromJson`.
 */
export function textValue(field: DescField, text: string): JsonValue | undefined {
  const { scalar } = field;
  if (field.enum !== undefined) {
    return field.enum.values.some(({ name }) => name === text) ? text : undefined;
  }
  if (scalar === undefined || scalar === ScalarType.STRING || scalar === ScalarType.BYTES) {
    return text;
  }
  if (scalar === ScalarType.BOOL) return BOOLEANS.get(text);
  if (FLOATS.includes(scalar)) return NUMBER.test(text) ? Number(text) : undefined;
  return WHOLE.test(text) ? text : undefined;
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

/** Messages whose JSON form is a string. */
const TEXTUAL: ReadonlySet<string> = new Set([
  'google.protobuf.Timestamp',
  'google.protobuf.Duration',
  'google.protobuf.FieldMask',
]);
