/**
 * The request target, in exactly one reading. Whatever two programs could read differently is
 * refused, never repaired: a path that was normalised is not the path that was asked for.
 *
 * Source: RFC 3986, sections 2 and 3.3; RFC 9112, section 3.2.1 (origin-form only).
 */
import { edgeErrors } from '../errors.ts';

/** A target that has one reading. */
export interface Target {
  /** The path as sent. */
  readonly path: string;
  /** Its segments, percent-decoded. `/` alone has none. */
  readonly segments: readonly string[];
  /** Names and values in order, decoded. */
  readonly query: readonly QueryPair[];
}

export type QueryPair = readonly [name: string, value: string];

const MAX_TARGET_CHARACTERS = 8192;
// A character that never needs encoding in a segment: pchar without the `;` of path parameters.
const PLAIN = /^[A-Za-z0-9._~!$&'()*+,=:@-]$/;
const PLAIN_PATH = /^[A-Za-z0-9._~!$&'()*+,=:@%/-]*$/;
const PLAIN_QUERY = /^[A-Za-z0-9._~!$&'()*+,=:@%/?-]*$/;
const TRIPLET = /%([0-9A-Fa-f]{2})?/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/**
 * Reads a request target.
 *
 * Percent-encoding in the path must be canonical: upper-case hex of the UTF-8 of a character that
 * cannot stand there by itself. Encoded `.`, `/`, `\`, `;`, `%`, `?`, `#` and control characters
 * are refused even so, because a second decoder downstream would find a delimiter in them. In the
 * query (form encoding) any valid triplet is taken and `+` is a space.
 *
 * @throws GatehouseError one code of `gateway.*` per class of fault.
 */
export function readTarget(target: string): Target {
  if (target.length > MAX_TARGET_CHARACTERS) throw edgeErrors.HEADERS_TOO_LARGE();
  if (!target.startsWith('/')) throw edgeErrors.TARGET_FORM();
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  const query = mark === -1 ? '' : target.slice(mark + 1);
  if (!PLAIN_PATH.test(path) || !PLAIN_QUERY.test(query)) throw edgeErrors.TARGET_CHARACTER();
  return { path, segments: readSegments(path), query: readQuery(query) };
}

function readSegments(path: string): readonly string[] {
  if (path === '/') return [];
  return path.slice(1).split('/').map(readSegment);
}

function readSegment(segment: string, index: number, all: readonly string[]): string {
  // A slash at the end is another path, which no route has.
  if (segment === '' && index < all.length - 1) throw edgeErrors.EMPTY_SEGMENT();
  if (segment === '.' || segment === '..') throw edgeErrors.DOT_SEGMENT();
  if (!segment.includes('%')) return segment;
  for (const [, hex] of segment.matchAll(TRIPLET)) refuseAmbiguous(hex);
  const decoded = decode(segment);
  if (CONTROL.test(decoded)) throw edgeErrors.ENCODED_DELIMITER();
  return decoded;
}

function refuseAmbiguous(hex: string | undefined): void {
  if (hex === undefined) throw edgeErrors.PERCENT_ENCODING();
  const character = String.fromCharCode(Number.parseInt(hex, 16));
  if (character === '.') throw edgeErrors.ENCODED_DOT();
  if (character === '/' || character === '\\') throw edgeErrors.ENCODED_SLASH();
  if (';%?#'.includes(character)) throw edgeErrors.ENCODED_DELIMITER();
  if (PLAIN.test(character) || hex !== hex.toUpperCase()) throw edgeErrors.PERCENT_ENCODING();
}

function readQuery(query: string): readonly QueryPair[] {
  if (query === '') return [];
  return query.split('&').map((pair) => {
    const equals = pair.indexOf('=');
    if (equals < 1) throw edgeErrors.QUERY();
    return [readQueryPart(pair.slice(0, equals)), readQueryPart(pair.slice(equals + 1))] as const;
  });
}

function readQueryPart(part: string): string {
  for (const [, hex] of part.matchAll(TRIPLET)) {
    if (hex === undefined) throw edgeErrors.PERCENT_ENCODING();
  }
  const decoded = decode(part.replaceAll('+', ' '));
  if (CONTROL.test(decoded)) throw edgeErrors.ENCODED_DELIMITER();
  return decoded;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw edgeErrors.INVALID_UTF8();
  }
}
