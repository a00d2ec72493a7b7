/** A schema of the document as a table of its members. */
import type { OpenApiDocument, Schema } from '../openapi/schema-types.ts';
import { type Html, html } from './html.ts';
import { inline } from './markdown.ts';

// Deep enough for every message here, and an end for one that holds itself.
const MAX_DEPTH = 4;

/** The members of an object, nested ones with a dot. */
export function fieldTable(document: OpenApiDocument, schema: Schema): Html {
  const rows = rowsOf(document, schema, { prefix: '', depth: 0 });
  if (rows.length === 0) return html`<p class="muted">No members.</p>`;
  return html`<div class="scroll"><table>${rows}</table></div>`;
}

/** What a reference of the document leads to; anything else is itself. */
export function resolve<Shape>(document: OpenApiDocument, value: unknown): Shape {
  const reference = (value as { readonly $ref?: string }).$ref;
  const [kind = '', name = ''] = reference?.split('/').slice(2) ?? [];
  const group = document.components[kind as keyof OpenApiDocument['components']];
  // The caller knows where in the document the value stands, and so its shape.
  return (reference === undefined ? value : group?.[name]) as Shape;
}

interface Place {
  readonly prefix: string;
  readonly depth: number;
}

function rowsOf(document: OpenApiDocument, schema: Schema, place: Place): readonly Html[] {
  const { properties = {}, required = [] } = resolve<{
    readonly properties?: Readonly<Record<string, Schema>>;
    readonly required?: readonly string[];
  }>(document, schema);
  return Object.entries(properties).flatMap(([name, property]) => {
    const path = `${place.prefix}${name}`;
    const inner = property.type === 'array' ? (property.items as Schema) : property;
    const suffix = property.type === 'array' ? '[].' : '.';
    const nested =
      inner.$ref === undefined || place.depth >= MAX_DEPTH
        ? []
        : rowsOf(document, inner, { prefix: `${path}${suffix}`, depth: place.depth + 1 });
    return [row(path, property, required.includes(name)), ...nested];
  });
}

function row(path: string, schema: Schema, isRequired: boolean): Html {
  return html`<tr><td><code>${path}</code></td>
<td>${typeOf(schema)}</td>
<td>${wordsOf(schema, isRequired)}</td>
<td>${inline(String(schema.description ?? ''))}</td></tr>`;
}

function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return 'object';
  if (schema.type === 'array') return `list of ${typeOf(schema.items as Schema)}`;
  return schema.format === 'date-time' ? 'date and time' : String(schema.type);
}

const RULES: readonly (readonly [name: string, words: (value: unknown) => string])[] = [
  ['minLength', (value) => `at least ${value} characters`],
  ['maxLength', (value) => `at most ${value} characters`],
  ['minimum', (value) => `from ${value}`],
  ['maximum', (value) => `to ${value}`],
  ['minItems', (value) => `at least ${value}`],
  ['maxItems', (value) => `at most ${value}`],
  ['uniqueItems', () => 'each once'],
  ['pattern', (value) => `like ${value}`],
  ['enum', (value) => `one of ${(value as readonly unknown[]).join(', ')}`],
];

/** The rules of a value in words: `required, at most 200 characters`. */
export function wordsOf(schema: Schema, isRequired: boolean): string {
  const ofItems = schema.type === 'array' ? wordsOf(schema.items as Schema, false) : '';
  const words = [
    ...(isRequired ? ['required'] : []),
    ...(schema.format === 'email' ? ['an e-mail address'] : []),
    ...RULES.flatMap(([name, say]) => (schema[name] === undefined ? [] : [say(schema[name])])),
    ...(ofItems === '' ? [] : [`each ${ofItems}`]),
  ];
  return words.join(', ');
}
