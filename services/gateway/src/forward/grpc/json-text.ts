/**
 * JSON text in exactly one reading: what RFC 8259 leaves to the reader (repeated members, large
 * numbers, depth) is refused or kept exact.
 */
import type { JsonObject, JsonValue } from '@bufbuild/protobuf';
import { edgeErrors } from '../../errors.ts';

/** `JSON.parse` as ES2026 has it and the library of types does not yet. */
type ParseWithSource = (
  text: string,
  reviver: (name: string, value: unknown, context: { readonly source?: string }) => unknown,
) => unknown;

const MAX_DEPTH = 100;
const INTEGER = /^-?[0-9]+$/;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Parses a body that must be one JSON object.
 *
 * Whole numbers beyond 2^53 come as bigint, so that a 64-bit field gets the number that was sent.
 * Refused: invalid UTF-8, a byte order mark, a member that comes twice in one object, nesting
 * deeper than 100.
 *
 * @throws GatehouseError `gateway.invalid_utf8`, or `gateway.json` with the pointer of the repeated
 * member.
 */
export function parseJsonObject(bytes: Uint8Array): JsonObject {
  const text = decodeText(bytes);
  checkDepth(text);
  const value = parse(text);
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw edgeErrors.JSON({ fields: [{ pointer: '', detail: 'must be a JSON object' }] });
  }
  checkMembers(text);
  return exact(text, value);
}

function decodeText(bytes: Uint8Array): string {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    throw edgeErrors.INVALID_UTF8();
  }
  if (text.startsWith('\ufeff')) {
    throw edgeErrors.JSON({
      fields: [{ pointer: '', detail: 'must not begin with a byte order mark' }],
    });
  }
  return text;
}

function parse(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (cause) {
    // The parser's message quotes the text; it stays in the cause.
    throw edgeErrors.JSON({ cause });
  }
}

function exact(text: string, plain: JsonObject): JsonObject {
  // A reviver costs a call per value; most bodies have no number that needs it.
  if (!/[0-9]{16}/.test(text)) return plain;
  return (JSON.parse as ParseWithSource)(text, (_name, value, { source = '' }) => {
    if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
    return INTEGER.test(source) ? BigInt(source) : value;
  }) as JsonObject;
}

interface Container {
  /** Of an object: the members seen so far. Undefined: an array. */
  readonly members: Set<string> | undefined;
  /** The member or index that is being read. */
  at: string | number;
}

/** Before the parser, which would make an object of each level. Text that is no JSON may pass. */
function checkDepth(text: string): void {
  // What is deeper has more brackets than that.
  if (text.length <= MAX_DEPTH * 2) return;
  let depth = 0;
  for (const [symbol] of text.matchAll(/[{}[\]]|"[^"\\]*(?:\\.[^"\\]*)*"/g)) {
    if (symbol === '{' || symbol === '[') depth += 1;
    else if (symbol === '}' || symbol === ']') depth -= 1;
    if (depth > MAX_DEPTH) {
      throw edgeErrors.JSON({ fields: [{ pointer: '', detail: 'is nested too deeply' }] });
    }
  }
}

/** One pass over text that is known to be JSON: members that come twice. */
function checkMembers(text: string): void {
  const open: Container[] = [];
  const token = /[{}[\],]|"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?/g;
  for (const [symbol, colon] of text.matchAll(token)) {
    const current = open.at(-1);
    if (symbol === '{') open.push({ members: new Set(), at: '' });
    else if (symbol === '[') open.push({ members: undefined, at: 0 });
    else if (symbol === '}' || symbol === ']') open.pop();
    else if (symbol === ',' && typeof current?.at === 'number') current.at += 1;
    else if (colon !== undefined && current !== undefined) enterMember(open, current, symbol);
  }
}

function enterMember(open: readonly Container[], current: Container, symbol: string): void {
  const name = JSON.parse(symbol.slice(0, symbol.lastIndexOf('"') + 1)) as string;
  current.at = name;
  if (current.members?.has(name)) {
    const fields = [
      { pointer: toPointer(open.map(({ at }) => at)), detail: 'must not come more than once' },
    ];
    throw edgeErrors.JSON({ fields });
  }
  current.members?.add(name);
}

/** A JSON Pointer (RFC 6901) of its parts. */
export function toPointer(parts: readonly (string | number)[]): string {
  return parts
    .map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}
