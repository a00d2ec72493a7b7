/** Headers that a route sets or takes away. */
import { headerNameFault, headerValueFault } from '../route/header-edits.ts';
import type { HeaderEdits } from '../route/http-route.ts';
import type { HeadersInFile } from './file-types.ts';
import type { Report } from './report.ts';

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
    const fault = headerValueFault(name, value);
    if (fault !== undefined) report.add(['set', name], fault);
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
  const fault = headerNameFault(name, side);
  if (fault !== undefined) wrong(fault);
}
