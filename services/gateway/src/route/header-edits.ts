/** What may be set in a header by a file or by a stage of a team's own. */
import { reservedReason } from '@gatehouse/wire';

// RFC 9110, section 5.6.2; without what some servers turn into something else.
const NAME = /^[A-Za-z0-9!#$%&'*+^`|~-]{1,128}$/;
// RFC 9110, section 5.5, in ASCII, and nothing that a reader would trim away.
const VALUE = /^(?:[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?)?$/;

/** @returns what is wrong with the name of a header that is to be changed; undefined: nothing. */
export function headerNameFault(name: string, side: 'request' | 'response'): string | undefined {
  if (!NAME.test(name)) {
    const dashed = name.replaceAll('_', '-').replaceAll('.', '-');
    const why = NAME.test(dashed) ? `: some servers take "_" and "." for "-". Write ${dashed}` : '';
    return `"${name}" is not a valid header name${why}.`;
  }
  const reason = reservedReason(name, side);
  return reason === undefined ? undefined : `"${name}" cannot be changed here: ${reason}.`;
}

/** @returns what is wrong with the value; undefined: nothing. */
export function headerValueFault(name: string, value: string): string | undefined {
  if (VALUE.test(value)) return undefined;
  return `The value of "${name}" must be printable ASCII on one line.`;
}
