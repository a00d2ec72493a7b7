/**
 * The request target where the path is a foreign service's: as strict about what can be read twice
 * as `target.ts`, and no stricter. What is taken is passed on byte for byte.
 *
 * Source: RFC 3986, sections 2 and 3.3; RFC 9112, section 3.2.1 (origin-form only).
 */

/** A target that has one reading. */
export interface ForeignTarget {
  /** As sent. */
  readonly path: string;
  /** As sent, with its `?`; empty without. */
  readonly query: string;
  /** Of the path, percent-decoded. A slash at its end makes a last, empty one. */
  readonly segments: readonly string[];
}

const MAX_TARGET_CHARACTERS = 8192;
const PLAIN_PATH = /^[A-Za-z0-9._~!$&'()*+,=:@%/-]*$/;
// Besides what RFC 3986 has: what browsers leave as it is. Any triplet but that of NUL.
const QUERY = /^\?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?[\]{}|^-]|%(?!00)[0-9A-Fa-f]{2})*$/;
const TRIPLET = /%(?:([0-9A-F]{2})|.{0,2})/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
// An encoded delimiter, dot or control character would be one to a second decoder; the rest of this
// never needs encoding, so that it has two spellings.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const REFUSED = /^[\0-\x1f\x7f./\\;%?#A-Za-z0-9_~-]$/;

/**
 * Reads a target.
 *
 * The path: no empty and no dot segment; triplets in upper-case hex, of UTF-8, and of no unreserved
 * character, dot, slash, backslash, `;`, `%`, `?`, `#` or control. Other reserved characters (`@`,
 * `,`, `:` …) may be encoded, as `encodeURIComponent` does it. The query: any list of characters that
 * may stand there and of triplets, `name=value` or not; nothing is decided by it.
 *
 * @returns undefined for a target that could be read twice; `readTarget` has a code for each.
 */
export function readForeignTarget(target: string): ForeignTarget | undefined {
  if (target.length > MAX_TARGET_CHARACTERS || !target.startsWith('/')) return undefined;
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  const query = mark === -1 ? '' : target.slice(mark);
  if (!PLAIN_PATH.test(path) || (query !== '' && !QUERY.test(query))) return undefined;
  const segments = path === '/' ? [] : path.slice(1).split('/');
  const last = segments.length - 1;
  for (let index = 0; index <= last; index += 1) {
    const segment = segments[index] as string;
    if ((segment === '' && index < last) || segment === '.' || segment === '..') return undefined;
    if (!segment.includes('%')) continue;
    const decoded = decode(segment);
    if (decoded === undefined) return undefined;
    segments[index] = decoded;
  }
  return { path, query, segments };
}

function decode(segment: string): string | undefined {
  for (const [, hex] of segment.matchAll(TRIPLET)) {
    if (hex === undefined || REFUSED.test(String.fromCharCode(Number.parseInt(hex, 16)))) {
      return undefined;
    }
  }
  try {
    const decoded = decodeURIComponent(segment);
    return CONTROL.test(decoded) ? undefined : decoded;
  } catch {
    return undefined;
  }
}
