/** The words of the house: phrases that readers do not search for, and what is written instead. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, type Verdict } from './command.ts';
import { trackedFiles } from './files.ts';

/** Phrase, as a regular expression whose blanks match line breaks of comments too → what to write. */
const PHRASES: Readonly<Record<string, string>> = {
  'to be had': 'available, unavailable',
  'no good': 'invalid, rejected',
  '(?:put|puts|putting) off': 'retry, retrying in 2 s',
  '(?:break|breaks|broke|broken|breaking) off': 'interrupted, disconnected',
  '(?:the|fresh|old|no|stale) news': 'revocation feed, revocations',
  'in earnest': 'in production',
  'may be absent': 'optional',
  '(?:let|lets|letting) in': 'allowed, accepted',
  'let out': 'drained, shut down',
  '(?:forget|forgets) the token': 'remove the token',
  'at least 1 characters': 'at least 1 character',
  'as (?:it|they) must be': 'invalid, and say what it must be',
  '(?:go|goes) again': 'retry',
  '(?:is|are|was|were|be|been) away': 'unavailable, unreachable',
  'foreign (?!keys?\\b)\\w+': 'external',
  '(?:gateway|gateway runs|that runs) alone': 'standalone gateway',
  spoilt: 'corrupt, damaged',
  anew: 'again, a new …',
  'put aside': 'rotated',
  'doors?': 'listener, entry point, connection',
};

const RULES = Object.entries(PHRASES).map(([phrase, instead]) => ({
  pattern: new RegExp(`\\b(?:${phrase.replaceAll(' ', '(?:\\s|\\*|//|#)+')})\\b`, 'gi'),
  instead,
}));

const CHECKED = /\.(?:ts|js|mjs|md|proto|py|yaml|html|json)$/;
// Decisions are history; vectors and locks are data; the check and its test name the phrases.
const NOT_CHECKED =
  /^docs\/adr\/0|\/gen\/|\.gen\.ts$|^tests\/vectors\/.*\.json$|lock\.json$|^tools\/checks\/words/;

/** A phrase that was found. */
export interface Wording {
  /** From 1. */
  readonly line: number;
  readonly found: string;
  readonly instead: string;
}

/** Finds the phrases in a text: code, strings and comments alike. */
export function wordingsIn(text: string): readonly Wording[] {
  return RULES.flatMap(({ pattern, instead }) =>
    [...text.matchAll(pattern)].map(({ 0: match, index }) => ({
      line: text.slice(0, index).split('\n').length,
      found: match.replaceAll(/[\s*/#]+/g, ' '),
      instead,
    })),
  ).toSorted((a, b) => a.line - b.line);
}

/** Checks every file that a clone holds, and the words of the people who wrote it. */
export async function checkWords(): Promise<Verdict> {
  const all = await trackedFiles();
  const files = all.filter((file) => CHECKED.test(file) && !NOT_CHECKED.test(file));
  const lines = files.flatMap((file) =>
    wordingsIn(readFileSync(join(ROOT, file), 'utf8')).map(
      ({ line, found, instead }) => `${file}:${line}: "${found}": write ${instead}`,
    ),
  );
  const ok = lines.length === 0 && files.length > 0;
  return { ok, output: lines.join('\n'), note: `${files.length} files` };
}
