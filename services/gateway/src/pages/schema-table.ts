/** A schema of the document as a table of its members. */
import type { Direction } from '../openapi/message-schema.ts';
import type { OpenApiDocument, Schema } from '../openapi/schema-types.ts';
import { type Html, html } from './html.ts';
import { inline } from './markdown.ts';

// Deep enough for every message here, and an end for one that holds itself.
const MAX_DEPTH = 4;

/** The members of an object, nested ones with a dot. */
export function fieldTable(document: OpenApiDocument, schema: Schema, direction: Direction): Html {
  const rows = rowsOf(document, schema, { prefix: '', depth: 0, direction });
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
  readonly direction: Direction;
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
        : rowsOf(document, inner, {
            ...place,
            prefix: `${path}${suffix}`,
            depth: place.depth + 1,
          });
    return [row(path, property, presenceOf(place.direction, required.includes(name))), ...nested];
  });
}

/** What is worth a word: that a request must have it, or that a response may not. */
function presenceOf(direction: Direction, isRequired: boolean): string {
  if (direction === 'request') return isRequired ? 'required' : '';
  return isRequired ? '' : 'optional';
}

function row(path: string, schema: Schema, presence: string): Html {
  return html`<tr><td><code>${path}</code></td>
<td>${typeOf(schema)}</td>
<td>${wordsOf(schema, presence)}</td>
<td>${inline(String(schema.description ?? ''))}</td></tr>`;
}

function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return 'object';
  if (schema.type === 'array') return `list of ${typeOf(schema.items as Schema)}`;
  return schema.format === 'date-time' ? 'date and time' : String(schema.type);
}

const RULES: readonly (readonly [name: string, words: (value: unknown) => string])[] = [
  ['uniqueItems', () => 'each once'],
  ['pattern', (value) => `like ${value}`],
  ['enum', (value) => `one of ${(value as readonly unknown[]).join(', ')}`],
];

/**
 * The rules of a value in words: `required, 1 to 200 characters`.
 *
 * @param presence - `required`, or whatever is to stand first; `''` for nothing.
 */
export function wordsOf(schema: Schema, presence: string): string {
  const ofItems = schema.type === 'array' ? wordsOf(schema.items as Schema, '') : '';
  const words = [
    presence,
    schema.format === 'email' ? 'an e-mail address' : '',
    rangeOf(schema.minLength, schema.maxLength, ' characters'),
    rangeOf(schema.minimum, schema.maximum, ''),
    rangeOf(schema.minItems, schema.maxItems, ' of them'),
    ...RULES.map(([name, say]) => (schema[name] === undefined ? '' : say(schema[name]))),
    ofItems === '' ? '' : `each ${ofItems}`,
  ];
  return words.filter((word) => word !== '').join(', ');
}

function rangeOf(least: unknown, most: unknown, unit: string): string {
  if (least !== undefined && most !== undefined) return `${least} to ${most}${unit}`;
  if (most !== undefined) return `at most ${most}${unit}`;
  return least === undefined ? '' : `at least ${least}${unit}`;
}
