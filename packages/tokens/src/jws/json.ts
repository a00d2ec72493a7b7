/** JSON objects, parsed strictly, without anything of Node: for the browser entry too. */
import { TokenError } from '../errors.ts';

/** A JSON object as parsed. Read it with {@link own}: its prototype is not to be trusted. */
export type JsonObject = Readonly<Record<string, unknown>>;

const MAX_DEPTH = 8;
const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Parses the text of one JSON object: no member twice at any depth (RFC 7515, section 5.2, lets a
 * parser refuse them; parsers that do not disagree on which one counts), at most 8 levels deep.
 *
 * @param bytes - the same text as UTF-8.
 * @throws TokenError `malformed`.
 */
export function parseObjectText(text: string, bytes: Uint8Array): JsonObject {
  const colons = countMembers(bytes);
  const value = parse(text);
  if (!isObject(value)) throw new TokenError('malformed', 'not a JSON object');
  // Each member has one colon in the text; a member that was overwritten leaves one too many.
  if (countKeys(value) !== colons) throw new TokenError('malformed', 'duplicate member');
  return value;
}

/** A member of the object itself, never one of its prototype. */
export function own(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Whether a value is a JSON object, and neither a list nor null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the token.
    throw new TokenError('malformed', 'JSON');
  }
}

/**
 * Colons outside strings, which is the number of members if the bytes are JSON; bounds the depth. Bytes
 * and not characters, since no byte of a longer UTF-8 sequence is one of those looked for.
 */
function countMembers(bytes: Uint8Array): number {
  let colons = 0;
  let depth = 0;
  for (let at = 0; at < bytes.length; at++) {
    const code = bytes[at];
    if (code === QUOTE) at = endOfString(bytes, at);
    else if (code === COLON) colons++;
    else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      if (++depth > MAX_DEPTH) throw new TokenError('malformed', 'nested too deeply');
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) depth--;
  }
  return colons;
}

/** Index of the closing quote; the length when there is none, which is no JSON anyway. */
function endOfString(bytes: Uint8Array, start: number): number {
  for (let at = start + 1; at < bytes.length; at++) {
    const code = bytes[at];
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at++;
  }
  return bytes.length;
}

function countKeys(value: object): number {
  const children: readonly unknown[] = Object.values(value);
  let count = Array.isArray(value) ? 0 : children.length;
  for (const child of children) {
    if (typeof child === 'object' && child !== null) count += countKeys(child);
  }
  return count;
}
