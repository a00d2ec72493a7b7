/** Strict command lines: what is not known is refused, with the nearest known word. */
import { type ParseArgsConfig, parseArgs } from 'node:util';

/** A command line that makes no sense. The message says why and what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

type Options = NonNullable<ParseArgsConfig['options']>;

/**
 * Parses a command's flags; no command here takes words beside them.
 *
 * @throws UsageError naming what is wrong, with a suggestion where one is near.
 */
export function parseFlags<O extends Options>(
  command: string,
  args: readonly string[],
  options: O,
) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new UsageError(explain({ command, args, known: Object.keys(options), cause }), { cause });
  }
}

/**
 * Parses a command's flags and words.
 *
 * @param words - what they are called, in order: `['METHOD', 'PATH']`. A last one in brackets, `[PART]`,
 *   may be left out.
 * @throws UsageError naming what is wrong, missing, or too much.
 */
export function parseWords<O extends Options>(
  command: string,
  args: readonly string[],
  { words, options }: { readonly words: readonly string[]; readonly options: O },
) {
  const usage = `Write: gatehouse ${[command, ...words].join(' ')}.`;
  const parsed = (() => {
    try {
      return parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
    } catch (cause) {
      if (!(cause instanceof TypeError)) throw cause;
      const known = Object.keys(options);
      throw new UsageError(explain({ command, args, known, cause }), { cause });
    }
  })();
  const { positionals, values } = parsed;
  const needed = words.filter((word) => !word.startsWith('['));
  const missing = needed[positionals.length];
  if (missing !== undefined) throw new UsageError(`"${command}" needs ${missing}. ${usage}`);
  const extra = positionals[words.length];
  if (extra !== undefined) throw new UsageError(`"${extra}" is one word too many. ${usage}`);
  return { flags: values, words: positionals };
}

/** A whole number within bounds. @throws UsageError */
export function wholeNumber(
  flag: string,
  text: string,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`--${flag} takes a whole number from ${min} to ${max}, not "${text}".`);
}

/** The known word that `word` most likely was meant to be; `undefined` when none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((each) => ({ each, distance: editDistance(word, each) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.max(2, word.length / 3)
    ? best.each
    : undefined;
}

function explain(problem: {
  readonly command: string;
  readonly args: readonly string[];
  readonly known: readonly string[];
  readonly cause: TypeError;
}): string {
  const { command, args, known, cause } = problem;
  const unknown = args
    .map((arg) => /^--([^=]+)/.exec(arg)?.[1])
    .find((flag) => flag !== undefined && !known.includes(flag));
  const usage = `"gatehouse help" lists what ${command} takes.`;
  if (unknown === undefined) return `${cause.message.split('. ')[0]}. ${usage}`;
  const meant = nearest(unknown, known);
  const hint = meant === undefined ? '' : ` Did you mean --${meant}?`;
  return `"${command}" has no flag --${unknown}.${hint} ${usage}`;
}

// Levenshtein's distance, one row at a time.
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of a.split('').entries()) {
    const next = [i + 1];
    for (const [j, other] of b.split('').entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
