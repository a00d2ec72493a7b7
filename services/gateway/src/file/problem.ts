/** What is wrong with a file, where, and what was probably meant. */
import { nearest } from '@gatehouse/runtime';

/** One thing to mend. */
export interface Problem {
  /** From 1. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
  /** In one sentence, without the place. */
  readonly message: string;
  /** What to write instead. */
  readonly hint?: string;
}

/** Keys and indexes from the root of the file: `['routes', 2, 'upstream']`. */
export type Path = readonly (string | number)[];

/** `file:line:column: message` and a hint, the line itself, and a mark under it. */
export function problemText(
  problem: Problem,
  file: { readonly name: string; readonly text: string },
) {
  const { line, column, message, hint } = problem;
  const said = `${file.name}:${line}:${column}: ${message}${hint === undefined ? '' : ` ${hint}`}`;
  const source = file.text.split('\n')[line - 1]?.replace(/\r$/, '');
  if (source === undefined || source.trim() === '') return said;
  const shown = source.slice(0, MAX_SHOWN);
  // Tabs stay, so that the mark stands where the line has it.
  const before = shown.slice(0, column - 1).replace(/[^\t]/g, ' ');
  return `${said}\n    ${shown}\n    ${before}^`;
}

const MAX_SHOWN = 160;

/** In the order in which people read the file. */
export function inOrder(problems: readonly Problem[]): readonly Problem[] {
  return [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
}

/** A sentence to put behind an error: `Did you mean "upstream"?` Undefined where no known word is near. */
export function didYouMean(word: string, known: Iterable<string>): string | undefined {
  const meant = nearest(word, known);
  return meant === undefined ? undefined : `Did you mean "${meant}"?`;
}
