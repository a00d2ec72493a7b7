import { isUtf8 } from 'node:buffer';
import { TokenError } from '../errors.ts';
import { type JsonObject, parseObjectText } from './json.ts';

export { isObject, type JsonObject, own } from './json.ts';

/**
 * Parses one JSON object strictly: valid UTF-8, no byte order mark, no member twice at any depth
 * (RFC 7515, section 5.2, lets a parser refuse them; parsers that do not disagree on which one
 * counts), at most 8 levels deep.
 *
 * @throws TokenError `malformed`.
 */
export function parseJsonObject(bytes: Buffer): JsonObject {
  if (!isUtf8(bytes)) throw new TokenError('malformed', 'UTF-8');
  return parseObjectText(bytes.toString('utf8'), bytes);
}
