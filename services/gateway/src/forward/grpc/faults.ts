/** Which members of a JSON request are not as its message must be, each by its JSON Pointer. */
import {
  type DescField,
  type DescMessage,
  fromJson,
  type JsonObject,
  type JsonValue,
  ScalarType,
} from '@bufbuild/protobuf';
import type { FieldViolation } from '@gatehouse/errors';
import { toPointer } from './json-text.ts';

type Path = readonly (string | number)[];

const MAX_FAULTS = 20;

/**
 * Finds the members at fault in a request that `fromJson` refused.
 *
 * It tries each member by itself against the message, so that what counts as a fault is decided in
 * one place, the protobuf library. No detail holds a value of the request.
 *
 * @returns at least one fault, at most twenty.
 */
export function faultsOf(schema: DescMessage, json: JsonObject): readonly FieldViolation[] {
  const faults = memberFaults(schema, json, []);
  if (faults.length > 0) return faults.slice(0, MAX_FAULTS);
  // Each member is good and the whole is not: two members of one oneof, or one in two spellings.
  return [{ pointer: '', detail: 'has members that exclude each other' }];
}

/** The field that a member of the JSON form means: by its JSON name, or its name in the contract. */
export function fieldNamed(schema: DescMessage, name: string): DescField | undefined {
  return schema.fields.find((field) => field.jsonName === name || field.name === name);
}

/** What one value of a field must be, in words: `a whole number of 32 bits`. */
export function expectationOf(field: DescField): string {
  return field.message === undefined ? nameOfItem(field) : nameOfMessage(field.message);
}

function memberFaults(schema: DescMessage, json: JsonObject, path: Path): FieldViolation[] {
  return Object.entries(json).flatMap(([name, value]) => {
    const at = [...path, name];
    const field = fieldNamed(schema, name);
    if (field === undefined) return [fault(at, 'is not a member of this request')];
    if (accepts(schema, name, value)) return [];
    return fieldFaults(schema, { field, name, value, at });
  });
}

interface Member {
  readonly field: DescField;
  readonly name: string;
  readonly value: JsonValue;
  readonly at: Path;
}

function fieldFaults(schema: DescMessage, member: Member): FieldViolation[] {
  const { field, name, value, at } = member;
  if (field.fieldKind === 'message') return messageFaults(field.message, value, at);
  if (field.fieldKind === 'list' && Array.isArray(value)) {
    return value.flatMap((item, index) => {
      if (accepts(schema, name, [item])) return [];
      return itemFaults(field, item, [...at, index]);
    });
  }
  if (field.fieldKind === 'map' && isObject(value)) {
    return Object.entries(value).flatMap(([key, item]) => {
      if (accepts(schema, name, { [key]: item })) return [];
      return itemFaults(field, item, [...at, key]);
    });
  }
  return [fault(at, `must be ${nameOfShape(field)}`)];
}

function itemFaults(
  field: DescField & { fieldKind: 'list' | 'map' },
  item: JsonValue,
  at: Path,
): FieldViolation[] {
  if (field.message !== undefined) return messageFaults(field.message, item, at);
  return [fault(at, `must be ${expectationOf(field)}`)];
}

function messageFaults(schema: DescMessage, value: JsonValue, at: Path): FieldViolation[] {
  const wellKnown = schema.typeName.startsWith('google.protobuf.');
  const inner = !wellKnown && isObject(value) ? memberFaults(schema, value, at) : [];
  return inner.length > 0 ? inner : [fault(at, `must be ${nameOfMessage(schema)}`)];
}

function accepts(schema: DescMessage, name: string, value: JsonValue): boolean {
  try {
    fromJson(schema, { [name]: value });
    return true;
  } catch {
    // Why is told by the place where it happens, in words that quote nothing.
    return false;
  }
}

function nameOfShape(field: DescField): string {
  if (field.fieldKind === 'list') return 'a list';
  if (field.fieldKind === 'map') return 'an object';
  return nameOfItem(field);
}

function nameOfItem(field: DescField): string {
  if (field.enum !== undefined) {
    const names = field.enum.values.filter(({ number }) => number !== 0).map(({ name }) => name);
    return `one of ${names.join(', ')}`;
  }
  return SCALARS[field.scalar ?? ScalarType.STRING] ?? 'another value';
}

function nameOfMessage(schema: DescMessage): string {
  return WELL_KNOWN[schema.typeName] ?? 'an object';
}

function isObject(value: JsonValue): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function fault(path: Path, detail: string): FieldViolation {
  return { pointer: toPointer(path), detail };
}

const SIGNED_32 = 'a whole number of 32 bits';
const UNSIGNED_32 = 'a whole number of 32 bits, not negative';
const SIGNED_64 = 'a whole number of 64 bits';
const UNSIGNED_64 = 'a whole number of 64 bits, not negative';

const SCALARS: Readonly<Record<number, string>> = {
  [ScalarType.STRING]: 'a string of well-formed Unicode',
  [ScalarType.BOOL]: 'true or false',
  [ScalarType.BYTES]: 'a string in base64',
  [ScalarType.DOUBLE]: 'a number',
  [ScalarType.FLOAT]: 'a number',
  [ScalarType.INT32]: SIGNED_32,
  [ScalarType.SINT32]: SIGNED_32,
  [ScalarType.SFIXED32]: SIGNED_32,
  [ScalarType.UINT32]: UNSIGNED_32,
  [ScalarType.FIXED32]: UNSIGNED_32,
  [ScalarType.INT64]: SIGNED_64,
  [ScalarType.SINT64]: SIGNED_64,
  [ScalarType.SFIXED64]: SIGNED_64,
  [ScalarType.UINT64]: UNSIGNED_64,
  [ScalarType.FIXED64]: UNSIGNED_64,
};

const WELL_KNOWN: Readonly<Record<string, string>> = {
  'google.protobuf.Timestamp': 'a date and time as RFC 3339 has it',
  'google.protobuf.Duration': 'a duration in seconds, such as 1.5s',
  'google.protobuf.FieldMask': 'names of members in one string, comma-separated',
};
