/** Headers that a route sets or takes away. */
import { reservedReason } from '@gatehouse/wire';
import type { HeaderEdits } from '../route/http-route.ts';
import type { HeadersInFile } from './file-types.ts';
import type { Report } from './report.ts';

// RFC 9110, section 5.6.2; without what some servers turn into something else.
const NAME = /^[A-Za-z0-9!#$%&'*+^`|~-]{1,128}$/;
// RFC 9110, section 5.5, in ASCII, and nothing that a reader would trim away.
const VALUE = /^(?:[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?)?$/;

/** Reports what may not be edited, and reads the rest. */
export function readHeaderEdits(
  edits: HeadersInFile,
  side: 'request' | 'response',
  report: Report,
): HeaderEdits {
  const set = new Map<string, string>();
  for (const [name, value] of Object.entries(edits.set)) {
    const key = name.toLowerCase();
    checkName(name, side, (message) => report.add(['set', name], message));
    if (set.has(key)) report.add(['set', name], `"${name}" is set twice: case does not matter.`);
    if (!VALUE.test(value)) {
      report.add(['set', name], `The value of "${name}" must be printable ASCII on one line.`);
    }
    set.set(key, value);
  }
  const remove = new Set<string>();
  for (const [index, name] of edits.remove.entries()) {
    const key = name.toLowerCase();
    checkName(name, side, (message) => report.add(['remove', index], message));
    if (set.has(key)) report.add(['remove', index], `"${name}" is set as well: that replaces it.`);
    remove.add(key);
  }
  return { set, remove };
}

function checkName(
  name: string,
  side: 'request' | 'response',
  wrong: (message: string) => void,
): void {
  if (!NAME.test(name)) {
    const dashed = name.replaceAll('_', '-').replaceAll('.', '-');
    const why = NAME.test(dashed) ? `: some servers take "_" and "." for "-". Write ${dashed}` : '';
    wrong(`"${name}" is not a valid header name${why}.`);
    return;
  }
  const reason = reservedReason(name, side);
  if (reason !== undefined) wrong(`"${name}" cannot be changed here: ${reason}.`);
}
