/**
 * The request target, in exactly one reading. Whatever two programs could read differently is
 * refused, never repaired: a path that was normalised is not the path that was asked for. What is
 * taken can be passed on byte for byte.
 *
 * Source: RFC 3986, sections 2 and 3.3; RFC 9112, section 3.2.1 (origin-form only).
 */
import type { GatehouseError } from '@gatehouse/errors';
import { wireErrors } from '../errors.ts';

/** A target that has one reading. */
export interface Target {
  /** As sent. */
  readonly path: string;
  /** As sent, with its `?`; empty without. {@link readQuery} reads it where somebody has to. */
  readonly query: string;
  /** Of the path, percent-decoded. `/` has none; a slash at the end makes a last, empty one. */
  readonly segments: readonly string[];
}

export type QueryPair = readonly [name: string, value: string];

const MAX_TARGET_CHARACTERS = 8192;
const PATH = /^[A-Za-z0-9._~!$&'()*+,=:@%/-]*$/;
// Besides what RFC 3986 has: what browsers leave as it is. Any triplet but that of NUL.
const QUERY = /^\?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?[\]{}|^-]|%(?!00)[0-9A-Fa-f]{2})*$/;
const TRIPLET = /%([0-9A-Fa-f]{2})?/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
const UNRESERVED = /^[A-Za-z0-9_~-]$/;
// What a second decoder would take for something else.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const DELIMITER = /^[\0-\x1f\x7f;%?#]$/;

/**
 * Reads a request target, the same for every kind of route.
 *
 * The path: no empty and no dot segment; triplets in upper-case hex, of UTF-8, and of no unreserved
 * character, dot, slash, backslash, `;`, `%`, `?`, `#` or control, since a second decoder would find a
 * delimiter in them or a second spelling. Other reserved characters (`@`, `,`, `:` …) may be encoded,
 * as `encodeURIComponent` does it. The query: any list of characters that may stand there and of
 * triplets, `name=value` or not. At most 8192 characters.
 *
 * @throws GatehouseError one code of `gateway.*` per class of fault.
 */
export function readTarget(target: string): Target {
  if (target.length > MAX_TARGET_CHARACTERS) throw wireErrors.HEADERS_TOO_LARGE();
  if (!target.startsWith('/')) throw wireErrors.TARGET_FORM();
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  const query = mark === -1 ? '' : target.slice(mark);
  if (!PATH.test(path)) throw wireErrors.TARGET_CHARACTER();
  if (query !== '' && !QUERY.test(query)) throw queryFault(query);
  const segments = path === '/' ? [] : path.slice(1).split('/');
  const last = segments.length - 1;
  for (let index = 0; index <= last; index += 1) {
    const segment = segments[index] as string;
    // A slash at the end is another path, not a fault.
    if (segment === '' && index < last) throw wireErrors.EMPTY_SEGMENT();
    if (segment === '.' || segment === '..') throw wireErrors.DOT_SEGMENT();
    if (segment.includes('%')) segments[index] = decodeSegment(segment);
  }
  return { path, query, segments };
}

function decodeSegment(segment: string): string {
  for (const [, hex] of segment.matchAll(TRIPLET)) {
    if (hex === undefined) throw wireErrors.PERCENT_ENCODING();
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    if (character === '.') throw wireErrors.ENCODED_DOT();
    if (character === '/' || character === '\\') throw wireErrors.ENCODED_SLASH();
    if (DELIMITER.test(character)) throw wireErrors.ENCODED_DELIMITER();
    if (UNRESERVED.test(character) || hex !== hex.toUpperCase()) {
      throw wireErrors.PERCENT_ENCODING();
    }
  }
  const decoded = decode(segment);
  if (CONTROL.test(decoded)) throw wireErrors.ENCODED_DELIMITER();
  return decoded;
}

/** Only when it is known that there is one. */
function queryFault(query: string): GatehouseError {
  for (const [, hex] of query.matchAll(TRIPLET)) {
    if (hex === undefined) return wireErrors.PERCENT_ENCODING();
    if (hex === '00') return wireErrors.ENCODED_DELIMITER();
  }
  return wireErrors.TARGET_CHARACTER();
}

/**
 * Reads a query as a form: names and values in order, decoded; `+` is a space. For routes that make a
 * message of it; others pass it on as it is.
 *
 * @param query - of a {@link Target}.
 * @throws GatehouseError `gateway.query` for what is no list of `name=value`; `gateway.invalid_utf8`;
 * `gateway.encoded_delimiter` for a control character.
 */
export function readQuery(query: string): readonly QueryPair[] {
  if (query === '' || query === '?') return [];
  return query
    .slice(1)
    .split('&')
    .map((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 1) throw wireErrors.QUERY();
      return [decodeForm(pair.slice(0, equals)), decodeForm(pair.slice(equals + 1))] as const;
    });
}

function decodeForm(part: string): string {
  const decoded = decode(part.replaceAll('+', ' '));
  if (CONTROL.test(decoded)) throw wireErrors.ENCODED_DELIMITER();
  return decoded;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wireErrors.INVALID_UTF8();
  }
}
