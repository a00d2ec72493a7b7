/**
 * The lines of a head or of trailers, found in one pass over the bytes and without a copy until all
 * of them are there.
 *
 * Source: RFC 9112, section 5. Stricter than it has to be: a line ends with CRLF and with nothing
 * else, no line is folded, nothing stands between name and colon, and no value has a control.
 */
import { MalformedError } from '../errors.ts';

/** More fields than this are refused. */
const MAX_FIELDS = 200;
/** What the fault says then. */
export const TOO_MANY_FIELDS = 'too many fields';
/** Larger heads are refused, trailers too. */
export const MAX_HEAD_BYTES = 64 * 1024;
/** What the scanners return as long as bytes are missing. */
export const INCOMPLETE = -1;

const HTAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;
const COLON = 0x3a;
const IS_TOKEN = 1;
const IS_VALUE = 2;
const CLASS = classes();
// Of the section being scanned. One is enough: nothing is scanned while another scan is under way.
const offsets = new Int32Array(4 * MAX_FIELDS);
let fieldCount = 0;

function classes(): Uint8Array {
  const table = new Uint8Array(256);
  for (const character of "!#$%&'*+-.^_`|~") table[character.charCodeAt(0)] = IS_TOKEN;
  for (let code = 0; code < 256; code += 1) {
    if (/[0-9A-Za-z]/.test(String.fromCharCode(code))) table[code] = IS_TOKEN;
    const isValue = code === HTAB || (code >= SP && code !== 0x7f);
    if (isValue) table[code] = (table[code] as number) | IS_VALUE;
  }
  return table;
}

/**
 * Where a run of bytes that may stand in a value or a reason phrase ends.
 *
 * @returns the first index from `from` on with another byte, `to` at most.
 */
export function endOfValue(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && ((CLASS[bytes[at] as number] as number) & IS_VALUE) !== 0) at += 1;
  return at;
}

/**
 * The end of a line whose last byte lies before `at`.
 *
 * @returns the index behind CRLF, or INCOMPLETE.
 * @throws MalformedError when something else than CRLF is there.
 */
export function endOfLine(bytes: Uint8Array, at: number, to: number): number {
  if (at >= to) return INCOMPLETE;
  if (bytes[at] !== CR) throw new MalformedError('a line has a byte that may not be there');
  if (at + 1 >= to) return INCOMPLETE;
  if (bytes[at + 1] !== LF) throw new MalformedError('a carriage return without a line feed');
  return at + 2;
}

/**
 * Looks for fields up to the empty line that ends them, and remembers where they are.
 *
 * @returns the index behind the empty line, or INCOMPLETE.
 * @throws MalformedError as soon as a byte is where it may not be; or for more than 200 fields.
 */
export function scanFields(bytes: Uint8Array, from: number, to: number): number {
  fieldCount = 0;
  let at = from;
  while (at < to && bytes[at] !== CR) {
    const next = scanField(bytes, at, to);
    if (next === INCOMPLETE) return INCOMPLETE;
    at = next;
  }
  return endOfLine(bytes, at, to);
}

function scanField(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && ((CLASS[bytes[at] as number] as number) & IS_TOKEN) !== 0) at += 1;
  if (at >= to) return INCOMPLETE;
  if (bytes[at] !== COLON || at === from) throw new MalformedError('a line is not name and value');
  const nameEnd = at;
  at += 1;
  while (at < to && isBlank(bytes[at])) at += 1;
  const valueStart = at;
  at = endOfValue(bytes, at, to);
  const next = endOfLine(bytes, at, to);
  if (next === INCOMPLETE) return INCOMPLETE;
  while (at > valueStart && isBlank(bytes[at - 1])) at -= 1;
  if (fieldCount >= MAX_FIELDS) throw new MalformedError(TOO_MANY_FIELDS);
  const base = fieldCount * 4;
  offsets[base] = from;
  offsets[base + 1] = nameEnd;
  offsets[base + 2] = valueStart;
  offsets[base + 3] = at;
  fieldCount += 1;
  return next;
}

function isBlank(byte: number | undefined): boolean {
  return byte === SP || byte === HTAB;
}

/**
 * The fields that the last `scanFields` found: names and values in turn, in Latin-1.
 *
 * @param text - the bytes from `textStart` on as Latin-1, at least to the last field's end.
 */
export function readFields(text: string, textStart: number): string[] {
  const fields = new Array<string>(fieldCount * 2);
  for (let index = 0; index < fieldCount; index += 1) {
    const base = index * 4;
    fields[index * 2] = text.slice(offset(base) - textStart, offset(base + 1) - textStart);
    fields[index * 2 + 1] = text.slice(offset(base + 2) - textStart, offset(base + 3) - textStart);
  }
  return fields;
}

function offset(index: number): number {
  return offsets[index] as number;
}
