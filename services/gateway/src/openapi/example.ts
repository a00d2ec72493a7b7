/** A request to begin with, for the page where calls are tried. */
import { type DescMessage, fromJson, type JsonObject } from '@bufbuild/protobuf';
import { assertValid } from '@gatehouse/chassis';
import type { RoutedMethod } from '../route/route.ts';
import type { MessageSchemas } from './message-schema.ts';
import type { ObjectSchema, Schema } from './schema-types.ts';

/** Where a rule alone would give a dull or a wrong value: by the member's name. */
const BY_NAME: Readonly<Record<string, unknown>> = {
  body: 'From the gateway.',
  email: 'ada@example.com',
  interests: ['gardening'],
  locale: 'en',
  nickname: 'Ada',
  scope: '',
  timeZone: 'Asia/Seoul',
  title: 'Hello',
  // Made by the edge itself on PATCH.
  updateMask: undefined,
};
const SECRET = 'engines-of-1843';

/**
 * Makes up a body for a method.
 *
 * @param body - its schema. @param schemas - what that refers to.
 * @returns undefined when none could be made up that the contract takes.
 */
export function exampleBody(
  { desc, http }: RoutedMethod,
  body: ObjectSchema,
  { named }: MessageSchemas,
): JsonObject | undefined {
  const objectOf = ({ properties }: ObjectSchema): JsonObject => {
    const members = Object.entries(properties)
      .map(([name, schema]) => [name, memberOf(name, schema)] as const)
      .filter(([, value]) => value !== undefined);
    return Object.fromEntries(members) as JsonObject;
  };
  const memberOf = (name: string, schema: Schema): unknown => {
    if (schema.format === 'password') return SECRET;
    if (Object.hasOwn(BY_NAME, name)) return BY_NAME[name];
    const message = named.get(String(schema.$ref).split('/').at(-1) ?? '');
    return message === undefined ? sampleOf(schema) : objectOf(message);
  };
  const example = objectOf(body);
  const whole = { ...example, ...pathExamples(desc.input, http.template) };
  return isGood(desc.input, whole) ? example : undefined;
}

function sampleOf({ type, items, minimum, ...schema }: Schema): unknown {
  const words = (type === 'array' ? (items as Schema).enum : schema.enum) as
    | readonly unknown[]
    | undefined;
  // The first value of an enum means that none was chosen.
  const word = words?.find((each) => !String(each).endsWith('_UNSPECIFIED'));
  if (type === 'array') return word === undefined ? undefined : [word];
  if (word !== undefined || type === 'object') return word;
  if (type === 'boolean') return true;
  if (type !== 'string') return minimum ?? 1;
  // A number of 64 bits is written as text.
  if (schema.format === 'int64' || schema.format === 'uint64') return '1';
  if (schema.contentEncoding !== undefined) return '';
  return schema.pattern === undefined ? 'example' : undefined;
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
