/** Values that the members of a request cannot have: by their type, and by their field rules. */
import { type DescField, ScalarType } from '@bufbuild/protobuf';
import type { FieldRules } from '@gatehouse/contracts/gen/buf/validate/validate_pb.ts';
import { type BadCase, JSON_TYPE } from './bad-requests.ts';
import {
  bodyWith,
  type EdgeMethod,
  goodBody,
  isRequired,
  lineOf,
  type Member,
  membersOf,
  rulesOf,
} from './bad-samples.ts';

const HUGE_NUMBERS = ['18446744073709551616', '123456789012345678901234567890', '1e400'];

/** Members missing, unknown, of another type, or against their rules: each names its field. */
export function badMembers(method: EdgeMethod): readonly BadCase[] {
  const members = membersOf(method);
  const tooLong = variables(method);
  if (method.http.body === '')
    return [
      ...tooLong,
      ...members.flatMap((each) => inQuery(method, each)),
      ...unknownInQuery(method),
    ];
  return [
    ...tooLong,
    ...missing(method, members),
    ...unknownInBody(method),
    ...members.flatMap((each) => inBody(method, each)),
  ];
}

function inBody(method: EdgeMethod, member: Member): readonly BadCase[] {
  const pointer = pointerTo(member);
  const named = (raw: string, at: string, more: Partial<BadCase> = {}): BadCase => ({
    name: `${pointer} ${short(raw)}`,
    request: { line: lineOf(method), headers: [JSON_TYPE], body: bodyWith(method, member, raw) },
    status: 400,
    code: 'common.invalid_input',
    at: [at],
    ...more,
  });
  const andOthers = member.path.length > 1;
  return [
    ...wrongTypes(member.field).map((raw) => named(raw, pointer)),
    ...wrongItems(member.field).map((raw) => named(raw, `${pointer}/0`)),
    ...againstRules(member.field).map(([raw, below]) => named(raw, pointer + below, { andOthers })),
  ];
}

/** JSON texts of another type than the field's. */
function wrongTypes(field: DescField): readonly string[] {
  if (field.fieldKind === 'list') return ['"x"', '{}', 'true', ...HUGE_NUMBERS];
  if (field.fieldKind === 'map') return ['"x"', '[]', 'true', ...HUGE_NUMBERS];
  if (field.message?.typeName === 'google.protobuf.FieldMask') return ['[]', 'true', '12'];
  if (field.fieldKind === 'message') return ['"x"', '[]', 'true', ...HUGE_NUMBERS];
  if (field.enum !== undefined) return ['"NO_SUCH_NAME"', '{}', '[]', ...HUGE_NUMBERS];
  return wrongScalars(field.scalar ?? ScalarType.STRING);
}

function wrongScalars(scalar: ScalarType): readonly string[] {
  switch (scalar) {
    case ScalarType.STRING:
      // The last is half of a pair of surrogates, which no UTF-8 can hold.
      return ['12', 'true', '{}', '[]', '["x"]', ...HUGE_NUMBERS, '"\\ud800"'];
    case ScalarType.BYTES:
      return ['12', 'true', '{}', '[]', '"no base64!"', ...HUGE_NUMBERS];
    case ScalarType.BOOL:
      return ['12', '"true"', '{}', '[]', ...HUGE_NUMBERS];
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return ['"x"', 'true', '{}', '[]', '1e400'];
    default:
      return ['"x"', 'true', '{}', '[]', '1.5', '"1.5"', ...HUGE_NUMBERS];
  }
}

function wrongItems(field: DescField): readonly string[] {
  if (field.fieldKind !== 'list' || field.listKind !== 'scalar') return [];
  return wrongScalars(field.scalar).map((raw) => `[${raw}]`);
}

/** JSON texts that the field's rules refuse, and where below the field they say so. */
function againstRules(field: DescField): readonly (readonly [raw: string, below: string])[] {
  const rules = rulesOf(field);
  if (rules === undefined) return [];
  if (rules.type.case === 'repeated') {
    const { maxItems, unique, items } = rules.type.value;
    const one = items?.type.case === 'string' ? items.type.value.in[0] : undefined;
    const list = (count: number) => JSON.stringify(Array(count).fill(one ?? 'one'));
    return [
      ...(maxItems > 0n ? [[list(Number(maxItems) + 1), ''] as const] : []),
      ...(unique ? [[list(2), ''] as const] : []),
      ...(items === undefined
        ? []
        : badTexts(items).map((text) => [`[${JSON.stringify(text)}]`, '/0'] as const)),
    ];
  }
  return badTexts(rules).map((text) => [JSON.stringify(text), ''] as const);
}

function badTexts({ type, cel }: FieldRules): readonly string[] {
  if (cel.length > 0) return [' '.repeat(100)];
  if (type.case !== 'string') return [];
  const { minLen, maxLen, in: allowed, wellKnown } = type.value;
  return [
    'abc\0defghijkl',
    ...(minLen > 0n ? ['y'.repeat(Number(minLen) - 1)] : []),
    ...(maxLen > 0n
      ? ['y'.repeat(Number(maxLen) + 1), '\u{1f600}'.repeat(Number(maxLen) + 1)]
      : []),
    ...(allowed.length > 0 ? ['none of these'] : []),
    ...(wellKnown.case === 'email' ? ['no e-mail', 'a@@b.example'] : []),
  ];
}

function missing(method: EdgeMethod, members: readonly Member[]): readonly BadCase[] {
  const required = members.filter(isRequired);
  const request = { line: lineOf(method), headers: [JSON_TYPE] };
  const [status, code] = [400, 'common.invalid_input'];
  if (required.length === 0) return [];
  const all = required.map(pointerTo);
  const without = required.map((member): BadCase => {
    const { [member.path[0] ?? '']: _left, ...rest } = goodBody(method);
    const body = JSON.stringify(rest);
    const at = [pointerTo(member)];
    return { name: `without ${at[0]}`, request: { ...request, body }, status, code, at };
  });
  return [
    { name: 'an empty object', request: { ...request, body: '{}' }, status, code, at: all },
    { name: 'no body', request, status, code, at: all },
    ...without,
    ...required.map((member): BadCase => {
      const body = bodyWith(method, member, 'null');
      const at = [pointerTo(member)];
      return { name: `${at[0]} null`, request: { ...request, body }, status, code, at };
    }),
  ];
}

function unknownInBody(method: EdgeMethod): readonly BadCase[] {
  return ['nope', '__proto__', 'constructor', 'a/b~c', ''].map((name) => ({
    name: `unknown member "${name}"`,
    request: {
      line: lineOf(method),
      headers: [JSON_TYPE],
      body: JSON.stringify(goodBody(method))
        .replace(/^\{/, () => `{${JSON.stringify(name)}:1,`)
        .replace(',}', '}'),
    },
    status: 400,
    code: 'common.invalid_input',
    at: [`/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`],
  }));
}

function unknownInQuery(method: EdgeMethod): readonly BadCase[] {
  return ['nope', '__proto__', 'constructor'].map((name) => queryCase(method, name, '1'));
}

function inQuery(method: EdgeMethod, { field }: Member): readonly BadCase[] {
  const name = field.jsonName;
  const twice = queryCase(method, name, `1&${name}=1`);
  const rules = rulesOf(field)?.type;
  if (rules?.case === 'string') {
    const tooLong = 'y'.repeat(Number(rules.value.maxLen) + 1);
    return [
      twice,
      queryCase(method, name, tooLong),
      ownCode(queryCase(method, name, 'not-one-of-ours')),
    ];
  }
  const wrong = [
    '',
    'abc',
    '1.5',
    '%201',
    '%2B1',
    '01',
    '0x10',
    '-1',
    'true',
    '2147483648',
    ...HUGE_NUMBERS,
  ];
  const above =
    rules?.case === 'int32' && rules.value.lessThan.case === 'lte'
      ? [String(rules.value.lessThan.value + 1)]
      : [];
  return [twice, ...[...wrong, ...above].map((value) => queryCase(method, name, value))];
}

function queryCase(method: EdgeMethod, name: string, value: string): BadCase {
  return {
    name: `?${name}=${short(value)}`,
    request: { line: `${lineOf(method)}?${name}=${value}` },
    status: 400,
    code: 'common.invalid_input',
    at: [`/${name}`],
  };
}

function ownCode({ code: _code, ...rest }: BadCase): BadCase {
  return rest;
}

/** Path variables longer than their rule allows. */
function variables(method: EdgeMethod): readonly BadCase[] {
  const names = [...method.http.template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  const fields = method.desc.input.fields.filter(({ name }) => names.includes(name));
  if (fields.length === 0) return [];
  const body = method.http.body === '' ? {} : { body: JSON.stringify(goodBody(method)) };
  return [
    {
      name: 'path variables of 300 characters',
      request: { line: lineOf(method, 'y'.repeat(300)), headers: [JSON_TYPE], ...body },
      status: 400,
      code: 'common.invalid_input',
      at: fields.map(({ jsonName }) => `/${jsonName}`),
    },
  ];
}

function pointerTo({ path }: Member): string {
  return path.map((name) => `/${name}`).join('');
}

function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}… (${text.length})` : text;
}
