/** From a canonical request to the message of its method: body, path variables, query. */
import {
  type DescField,
  type DescMessage,
  fromJson,
  type JsonObject,
  type JsonValue,
  toBinary,
} from '@bufbuild/protobuf';
import { commonErrors, type FieldViolation } from '@gatehouse/errors';
import type { QueryPair } from '@gatehouse/wire';
import { edgeErrors } from '../../errors.ts';
import type { RoutedMethod } from '../../route/route.ts';
import { expectationOf, faultsOf, fieldNamed } from './faults.ts';
import { parseJsonObject, toPointer } from './json-text.ts';
import { takesText, textValue } from './text-value.ts';

/** The three places that a request message is filled from. */
export interface RequestParts {
  /** Field name → decoded segment. */
  readonly variables: Readonly<Record<string, string>>;
  readonly query: readonly QueryPair[];
  readonly contentType: string | undefined;
  /** Empty where the method takes no body. */
  readonly body: Uint8Array;
}

// One charset, one optional parameter, nothing else (RFC 8259, 11 defines none).
const JSON_TYPE = /^application\/json\s*(?:;\s*charset\s*=\s*(?:utf-8|"utf-8")\s*)?$/i;
const UPDATE_MASK = 'update_mask';

/**
 * Builds the request message and encodes it.
 *
 * An empty body where one is taken counts as `{}`, so that the field rules say what is missing.
 * A member may be given in one place only. On PATCH, `update_mask` is made from the members of the
 * body where the request has such a field and the client did not fill it.
 *
 * Not checked here: the field rules (protovalidate), which the service enforces.
 *
 * @returns the message in binary form.
 * @throws GatehouseError `gateway.media_type`, `gateway.invalid_utf8`, `gateway.json`, or
 * `common.invalid_input` with a pointer per member at fault.
 */
export function requestMessage(method: RoutedMethod, parts: RequestParts): Uint8Array {
  const schema = method.desc.input;
  const body = bodyOf(parts);
  const given = [...variableMembers(schema, parts.variables), ...queryMembers(method, parts)];
  const faults = given.filter((member) => member.value === undefined).map(faultOf);
  const clashes = Object.keys(body).filter((name) => {
    const field = fieldNamed(schema, name);
    return field !== undefined && Object.hasOwn(parts.variables, field.name);
  });
  faults.push(...clashes.map((name) => violation(name, 'is in the path and cannot be a member')));
  if (faults.length > 0) throw commonErrors.INVALID_INPUT({ fields: faults });
  const members = given.map(({ field, value }) => [field.jsonName, value] as const);
  const json = { ...withUpdateMask(method, body), ...Object.fromEntries(members) } as JsonObject;
  return encode(schema, json);
}

function encode(schema: DescMessage, json: JsonObject): Uint8Array {
  try {
    return toBinary(schema, fromJson(schema, json));
  } catch {
    // The library's message quotes values of the request; ours must not.
    throw commonErrors.INVALID_INPUT({ fields: faultsOf(schema, json) });
  }
}

function bodyOf(parts: RequestParts): JsonObject {
  if (parts.body.length === 0) return {};
  if (!JSON_TYPE.test(parts.contentType ?? '')) throw edgeErrors.MEDIA_TYPE();
  return parseJsonObject(parts.body);
}

interface TextMember {
  readonly field: DescField;
  /** In the client's spelling. */
  readonly name: string;
  readonly value: JsonValue | undefined;
}

function variableMembers(
  schema: DescMessage,
  variables: Readonly<Record<string, string>>,
): readonly TextMember[] {
  return Object.entries(variables).flatMap(([name, text]) => {
    const field = fieldNamed(schema, name);
    return field === undefined
      ? []
      : [{ field, name: field.jsonName, value: textValue(field, text) }];
  });
}

function queryMembers(method: RoutedMethod, parts: RequestParts): readonly TextMember[] {
  const texts = new Map<DescField, { name: string; values: string[] }>();
  const faults: FieldViolation[] = [];
  for (const [name, text] of parts.query) {
    const field = queryField(method, parts, name);
    const known = field && texts.get(field);
    if (field === undefined) faults.push(violation(name, 'is not a parameter of this method'));
    else if (known === undefined) texts.set(field, { name, values: [text] });
    else if (field.fieldKind === 'list') known.values.push(text);
    else faults.push(violation(name, 'must not come more than once'));
  }
  if (faults.length > 0) throw commonErrors.INVALID_INPUT({ fields: faults });
  return [...texts].map(([field, { name, values }]) => {
    return { field, name, value: fieldValue(field, values) };
  });
}

/** The field that a query parameter may fill. None where the body is the request. */
function queryField(
  method: RoutedMethod,
  parts: RequestParts,
  name: string,
): DescField | undefined {
  if (method.http.body === '*') return undefined;
  const field = fieldNamed(method.desc.input, name);
  const free =
    field !== undefined && takesText(field) && !Object.hasOwn(parts.variables, field.name);
  return free ? field : undefined;
}

function fieldValue(field: DescField, texts: readonly string[]): JsonValue | undefined {
  if (field.fieldKind !== 'list') return textValue(field, texts[0] ?? '');
  const values = texts.map((text) => textValue(field, text));
  return values.includes(undefined) ? undefined : (values as JsonValue[]);
}

function withUpdateMask(method: RoutedMethod, body: JsonObject): JsonObject {
  const mask = method.desc.input.fields.find(({ name }) => name === UPDATE_MASK);
  const isMask = mask?.message?.typeName === 'google.protobuf.FieldMask';
  if (method.http.verb !== 'PATCH' || mask === undefined || !isMask) return body;
  if ((body[mask.jsonName] ?? body[mask.name] ?? null) !== null) return body;
  const { [mask.jsonName]: _json, [mask.name]: _proto, ...members } = body;
  const fields = Object.keys(members).map((name) => fieldNamed(method.desc.input, name));
  const names = fields.flatMap((field) => (field === undefined ? [] : [field.jsonName]));
  return { ...members, [mask.jsonName]: names.join(',') };
}

function faultOf({ field, name }: TextMember): FieldViolation {
  return violation(name, `must be ${expectationOf(field)}`);
}

function violation(name: string, detail: string): FieldViolation {
  return { pointer: toPointer([name]), detail };
}
