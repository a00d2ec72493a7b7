/** What is wrong with a command line beyond what commander finds by itself. */
import { nearest } from '@gatehouse/runtime';
import { InvalidArgumentError } from 'commander';

/** A command line that makes no sense. The message says why and what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Reads the value of an option: a whole number within bounds. */
export function wholeNumber({ min, max }: { readonly min: number; readonly max: number }) {
  return (text: string): number => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

/** Reads the value of an option that may be repeated. */
export function repeated(text: string, previous: readonly string[]): readonly string[] {
  return [...previous, text];
}

/** `' Did you mean "up"?'`, for the end of a sentence; empty when no known word is near. */
export function didYouMean(word: string, known: readonly string[]): string {
  const meant = nearest(word, known);
  return meant === undefined ? '' : ` Did you mean "${meant}"?`;
}
