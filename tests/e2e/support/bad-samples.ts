/** Good requests made from the contracts, and where in them something bad can be put. */
import { type DescField, type DescMessage, getOption, hasOption } from '@bufbuild/protobuf';
import { FeatureSet_FieldPresence } from '@bufbuild/protobuf/wkt';
import { type HttpBinding, METHODS, type MethodContract } from '@gatehouse/contracts';
import {
  type FieldRules,
  field as fieldRules,
  type StringRules,
} from '@gatehouse/contracts/gen/buf/validate/validate_pb.ts';

export type EdgeMethod = MethodContract & { readonly http: HttpBinding };

/** Every method that can be reached from outside. */
export const EDGE_METHODS = METHODS.filter(
  (method): method is EdgeMethod => method.http !== undefined,
);

/** A member of a request, nested ones included. */
export interface Member {
  readonly field: DescField;
  /** From the request: `['settings', 'locale']`. */
  readonly path: readonly string[];
}

type Json = { [name: string]: unknown };

/** The line of a method's request, its variables filled, without a query. */
export function lineOf({ http }: EdgeMethod, variable = 'nothing-here'): string {
  return `${http.verb} ${http.template.replaceAll(/\{\w+\}/g, variable)}`;
}

/** The members that a method takes: in the body, or else in the query. */
export function membersOf(method: EdgeMethod): readonly Member[] {
  const inPath = new Set([...method.http.template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
  return membersOfMessage(method.desc.input, []).filter(
    ({ path, field }) => path.length > 1 || !inPath.has(field.name),
  );
}

/** A body that the field rules allow, with every member that has one obvious value. */
export function goodBody(method: EdgeMethod): Json {
  const body: Json = {};
  for (const member of membersOf(method)) {
    const value = goodValue(member.field);
    if (value !== undefined) put(body, member.path, value);
  }
  return body;
}

/** The text of a good body in which one member is replaced by JSON text of any kind. */
export function bodyWith(method: EdgeMethod, { path }: Member, raw: string): string {
  const mark = 'put-it-here';
  const body = goodBody(method);
  put(body, path, mark);
  return JSON.stringify(body).replace(`"${mark}"`, () => raw);
}

/** Whether the rules refuse the member when it is left out. */
export function isRequired({ field, path }: Member): boolean {
  if (path.length > 1 || field.presence === FeatureSet_FieldPresence.EXPLICIT) return false;
  const text = stringRulesOf(field);
  const { type } = rulesOf(field) ?? {};
  if (text !== undefined) return text.minLen > 0n || text.wellKnown.case === 'email';
  return type?.case === 'repeated' && type.value.minItems > 0n;
}

function stringRulesOf(field: DescField): StringRules | undefined {
  const type = rulesOf(field)?.type;
  return type?.case === 'string' ? type.value : undefined;
}

export function rulesOf(field: DescField): FieldRules | undefined {
  return hasOption(field, fieldRules) ? getOption(field, fieldRules) : undefined;
}

function membersOfMessage(schema: DescMessage, above: readonly string[]): readonly Member[] {
  return schema.fields.flatMap((field) => {
    const path = [...above, field.jsonName];
    const own = { field, path };
    const isOurs =
      field.fieldKind === 'message' && field.message.file.proto.package !== 'google.protobuf';
    return isOurs ? [own, ...membersOfMessage(field.message, path)] : [own];
  });
}

function goodValue(field: DescField): unknown {
  const type = rulesOf(field)?.type;
  if (type?.case === 'repeated') {
    const items = type.value.items?.type;
    return [(items?.case === 'string' ? items.value.in[0] : undefined) ?? 'one'];
  }
  if (type?.case !== 'string') return undefined;
  if (type.value.wellKnown.case === 'email') return 'bad-input@people.example';
  return type.value.minLen > 0n ? 'x'.repeat(Number(type.value.minLen)) : undefined;
}

function put(body: Json, path: readonly string[], value: unknown): void {
  const [name = '', ...rest] = path;
  if (rest.length === 0) {
    body[name] = value;
    return;
  }
  const inner = (body[name] ?? {}) as Json;
  body[name] = inner;
  put(inner, rest, value);
}
