/** The published schema, and what it finds in a file. */
import { readFileSync } from 'node:fs';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Path } from './problem.ts';

/** What our messages need of JSON Schema (draft 2020-12). */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly examples?: readonly unknown[];
  readonly pattern?: string;
  /** What editors and the reader say where `pattern` does not match. */
  readonly patternErrorMessage?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** A value that is not as the schema says. */
export interface ShapeError {
  /** Of the value; for a key that is wrong, of what it stands in. */
  readonly path: Path;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** The key that is wrong, where it is one. */
  readonly key: string | undefined;
  readonly schema: Schema;
  readonly value: unknown;
}

/** `standalone`: all of it. `platform`: upstreams and routes; the platform says the rest. */
export type FileKind = 'standalone' | 'platform';

const FILE = new URL('../../gateway.schema.json', import.meta.url);

/** The schema as it is committed, printed and given to editors. */
export function publishedSchema(): string {
  return readFileSync(FILE, 'utf8');
}

const compiled = new Map<FileKind, ValidateFunction>();

function validatorOf(kind: FileKind): ValidateFunction {
  const known = compiled.get(kind);
  if (known !== undefined) return known;
  const schema = JSON.parse(publishedSchema());
  const { upstreams, routes } = schema.properties;
  const ajv = new Ajv2020({
    allErrors: true,
    verbose: true,
    useDefaults: true,
    allowUnionTypes: true,
    unicodeRegExp: true,
  });
  ajv.addKeyword('patternErrorMessage');
  const ofPlatform = { required: ['upstreams', 'routes'], properties: { upstreams, routes } };
  const validate = ajv.compile(kind === 'platform' ? { ...schema, ...ofPlatform } : schema);
  compiled.set(kind, validate);
  return validate;
}

/**
 * Compares a value with the schema, and fills the schema's defaults in.
 *
 * @param value - of JSON's types; it is changed.
 * @returns everything in which it differs, nothing twice.
 */
export function validate(kind: FileKind, value: unknown): readonly ShapeError[] {
  const validator = validatorOf(kind);
  validator(value);
  const errors = (validator.errors ?? []).filter(({ keyword }) => keyword !== 'propertyNames');
  const mistyped = new Set(
    errors.filter(({ keyword }) => keyword === 'type').map(({ instancePath }) => instancePath),
  );
  return errors
    .filter(({ keyword, instancePath }) => keyword === 'type' || !mistyped.has(instancePath))
    .map((error) => shapeErrorOf(error, value));
}

function shapeErrorOf(error: ErrorObject, root: unknown): ShapeError {
  const { keyword, params, propertyName, parentSchema = {}, data } = error;
  return {
    path: pathOf(error.instancePath, root),
    keyword,
    params,
    key: keyword === 'additionalProperties' ? params.additionalProperty : propertyName,
    // `verbose` gives the schema that the keyword stands in.
    schema: parentSchema as Schema,
    value: data,
  };
}

/** RFC 6901, with numbers where a list is. */
function pathOf(pointer: string, root: unknown): Path {
  const path: (string | number)[] = [];
  let within: unknown = root;
  for (const token of pointer.split('/').slice(1)) {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~');
    const step = Array.isArray(within) ? Number(name) : name;
    path.push(step);
    within = Object(within)[step];
  }
  return path;
}
