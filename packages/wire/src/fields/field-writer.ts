/**
 * Lines of fields and of chunks on their way out: nothing that could end a line early is ever written.
 *
 * Source: RFC 9110, sections 5.1 and 5.5; RFC 9112, section 7.1.
 */
import { wireErrors } from '../errors.ts';

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// A tab, or anything visible of Latin-1: no CR, LF, NUL, and nothing that would lose its upper byte.
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Whether a text may be a field's name, or a method. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** Whether a text may be a field's value, or several of them one behind the other. */
export function isFieldValue(text: string): boolean {
  return VALUE.test(text);
}

/** What stands before the bytes of a chunk; CRLF stands behind them. A chunk of nothing is the last. */
export function chunkLine(lengthBytes: number): string {
  return `${lengthBytes.toString(16)}\r\n`;
}

/**
 * Writes the end of a chunked body.
 *
 * @param trailers - names and values in turn.
 * @throws GatehouseError `gateway.framing` when a name or a value has a character that may not be there.
 */
export function lastChunk(trailers: readonly string[]): string {
  let lines = '0\r\n';
  for (let index = 0; index < trailers.length; index += 2) {
    const [name = '', value] = [trailers[index], trailers[index + 1]];
    if (value === undefined || !isToken(name) || !isFieldValue(value)) throw wireErrors.FRAMING();
    lines += `${name}: ${value}\r\n`;
  }
  return `${lines}\r\n`;
}
