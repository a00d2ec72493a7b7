/**
 * The head of a response on its way out, written from its parts.
 *
 * Source: RFC 9110, section 5.5; RFC 9112, section 4.
 */
import { STATUS_CODES } from 'node:http';
import { isFieldValue } from '../fields/field-writer.ts';

/**
 * Writes a head with its empty line, in Latin-1.
 *
 * @param headers - names and values in turn; names are ours, or were read by a parser of this package.
 * @throws Error for a value that would end its line.
 */
export function responseHead(status: number, headers: readonly string[]): string {
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
  let values = '';
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const value = headers[index + 1] as string;
    values += value;
    head += `${headers[index]}: ${value}\r\n`;
  }
  // All at once: that takes half as long as each by itself.
  if (!isFieldValue(values)) throw new Error('a header has a character that may not be there');
  return `${head}\r\n`;
}

let date = '';
let dateUntilMs = 0;

/** The value of `Date`, made once a second. */
export function dateNow(): string {
  const nowMs = Date.now();
  if (nowMs >= dateUntilMs) {
    date = new Date(nowMs).toUTCString();
    dateUntilMs = nowMs - (nowMs % 1000) + 1000;
  }
  return date;
}
