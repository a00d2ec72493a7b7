/**
 * The part of JSON Schema (draft 2020-12) that the file is described in. One description serves editors,
 * the reader and its types, so that they cannot differ.
 */

/** What one value may be. */
export interface Schema {
  readonly type: SchemaType | readonly SchemaType[];
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly string[];
  readonly pattern?: string;
  /** What editors and the reader say where `pattern` does not match. */
  readonly patternErrorMessage?: string;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  /** Always there for objects: false, or what every further member is. */
  readonly additionalProperties?: false | Schema;
  readonly propertyNames?: Pick<Schema, 'pattern' | 'patternErrorMessage'>;
  readonly minProperties?: number;
}

type SchemaType = 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';

/** A value that a schema admits, with its defaults filled in. */
export type Filled<S> = S extends { readonly enum: readonly (infer Word)[] }
  ? Word
  : S extends { readonly type: readonly ['string', 'array'] }
    ? string | readonly string[]
    : S extends { readonly type: 'string' }
      ? string
      : S extends { readonly type: 'integer' | 'number' }
        ? number
        : S extends { readonly type: 'boolean' }
          ? boolean
          : S extends { readonly type: 'array'; readonly items: infer Item }
            ? readonly Filled<Item>[]
            : S extends { readonly properties: infer Members }
              ? FilledMembers<
                  Members,
                  S extends { readonly required: readonly (infer N)[] } ? N : never
                >
              : S extends { readonly additionalProperties: infer Member }
                ? Readonly<Record<string, Filled<Member>>>
                : never;

type FilledMembers<Members, Required> = {
  readonly [Name in keyof Members as IsSure<Members[Name], Name, Required> extends true
    ? Name
    : never]: Filled<Members[Name]>;
} & {
  readonly [Name in keyof Members as IsSure<Members[Name], Name, Required> extends true
    ? never
    : Name]?: Filled<Members[Name]>;
};

type IsSure<Member, Name, Required> = Member extends { readonly default: unknown }
  ? true
  : Name extends Required
    ? true
    : false;

/** A value with the defaults of its schema where it says nothing. Give it what the schema admits. */
export function fill<S extends Schema>(schema: S, value: unknown): Filled<S> {
  // What it makes is what the type says, member by member.
  return filled(schema, value) as Filled<S>;
}

function filled(schema: Schema, value: unknown): unknown {
  const { items } = schema;
  if (Array.isArray(value)) {
    return items === undefined ? value : value.map((item) => filled(items, item));
  }
  if (typeof value !== 'object' || value === null) return value;
  const { properties = {}, additionalProperties } = schema;
  const given = new Map(Object.entries(value));
  const members: [string, unknown][] = [];
  for (const [name, member] of Object.entries(properties)) {
    const said = given.has(name) ? given.get(name) : member.default;
    if (said !== undefined) members.push([name, filled(member, said)]);
  }
  for (const [name, said] of given) {
    if (Object.hasOwn(properties, name)) continue;
    members.push([name, additionalProperties ? filled(additionalProperties, said) : said]);
  }
  return Object.fromEntries(members);
}
