/** A request to begin with, for the page where calls are tried. */
import {
  type DescField,
  type DescMessage,
  fromJson,
  type JsonObject,
  ScalarType,
} from '@bufbuild/protobuf';
import { assertValid } from '@gatehouse/chassis';
import type { RoutedMethod } from '../route/route-table.ts';
import { rulesOf } from './field-rules.ts';
import type { Schema } from './schema-types.ts';

/** Where a rule alone would give a dull or a wrong value: by the field's name in the contract. */
const BY_NAME: Readonly<Record<string, unknown>> = {
  body: 'From the gateway.',
  email: 'ada@example.com',
  interests: ['gardening'],
  locale: 'en',
  nickname: 'Ada',
  scope: '',
  time_zone: 'Asia/Seoul',
  title: 'Hello',
};
const SECRET = 'engines-of-1843';
const OF_64_BITS: ReadonlySet<ScalarType> = new Set([
  ScalarType.INT64,
  ScalarType.SINT64,
  ScalarType.SFIXED64,
  ScalarType.UINT64,
  ScalarType.FIXED64,
]);
// Made by the edge itself on PATCH.
const UPDATE_MASK = 'update_mask';

/**
 * A body for a method, with every member that the path does not give.
 *
 * @returns undefined when none could be made up that the contract takes.
 */
export function exampleBody({ desc, http }: RoutedMethod): JsonObject | undefined {
  const example = objectOf(desc.input, (field) => {
    return field.name !== UPDATE_MASK && !http.template.includes(`{${field.name}}`);
  });
  return isGood(desc.input, { ...example, ...pathExamples(desc.input, http.template) })
    ? example
    : undefined;
}

function objectOf(message: DescMessage, isWanted: (field: DescField) => boolean): JsonObject {
  const members = message.fields.filter(isWanted).flatMap((field) => {
    const value = exampleOf(field);
    return value === undefined ? [] : [[field.jsonName, value] as const];
  });
  return Object.fromEntries(members) as JsonObject;
}

function exampleOf(field: DescField): unknown {
  if (field.proto.options?.debugRedact === true) return SECRET;
  if (Object.hasOwn(BY_NAME, field.name)) return BY_NAME[field.name];
  const { field: own, items } = rulesOf(field);
  if (field.fieldKind === 'list') {
    return Array.isArray(items.enum) ? [items.enum[0]] : undefined;
  }
  if (Array.isArray(own.enum)) return own.enum[0];
  if (field.fieldKind === 'message') return objectOf(field.message, () => true);
  if (field.fieldKind === 'enum') return field.enum.values.at(1)?.name;
  return field.fieldKind === 'scalar' ? scalarOf(field.scalar, own) : undefined;
}

function scalarOf(type: ScalarType, { minimum, pattern }: Schema): unknown {
  if (type === ScalarType.BOOL) return true;
  if (type === ScalarType.STRING) return pattern === undefined ? 'example' : undefined;
  if (type === ScalarType.BYTES) return '';
  const number = minimum ?? 1;
  // As protojson writes them: not every reader of JSON holds so much in a number.
  return OF_64_BITS.has(type) ? String(number) : number;
}

function pathExamples(message: DescMessage, template: string): JsonObject {
  const fields = message.fields.filter(({ name }) => template.includes(`{${name}}`));
  return Object.fromEntries(fields.map(({ jsonName }) => [jsonName, 'example']));
}

function isGood(message: DescMessage, json: JsonObject): boolean {
  try {
    assertValid(message, fromJson(message, json));
    return true;
  } catch {
    return false;
  }
}
