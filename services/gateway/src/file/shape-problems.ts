/** What the schema finds in a file, in words, with its place and what was probably meant. */
import { isAlias } from 'yaml';
import { didYouMean, type Path, type Problem } from './problem.ts';
import type { Schema, ShapeError } from './schema.ts';
import { keyOffset, nodeAt, type Tree } from './tree.ts';

/** A problem, and whose value it is. */
export interface ShapeProblem extends Problem {
  readonly path: Path;
}

type Said = Pick<Problem, 'message' | 'hint'>;

/** The problems of a tree, without those of an alias, which was told of when the tree was read. */
export function shapeProblems(tree: Tree, errors: readonly ShapeError[]): readonly ShapeProblem[] {
  return errors.flatMap((error): ShapeProblem[] => {
    const path = error.key === undefined ? error.path : [...error.path, error.key];
    const node = nodeAt(tree.root, error.path);
    if (isAlias(node)) return [];
    const isOfKey = error.key !== undefined || error.keyword === 'required' || node === undefined;
    const offset = isOfKey ? keyOffset(tree.root, path) : node.range[0];
    return [{ ...tree.place(offset), ...said(error), path }];
  });
}

function said(error: ShapeError): Said {
  const { keyword, params, key, path, schema } = error;
  const name = nameOf(path);
  switch (keyword) {
    case 'additionalProperties':
      return unknownKey(key ?? '', error);
    case 'required': {
      const missing = String(params.missingProperty);
      return { message: `${name} needs "${missing}"${exampleOf(schema.properties?.[missing])}.` };
    }
    case 'type':
      return { message: `${name} must be ${inWords(schema)}.`, ...typeHint(error) };
    case 'enum':
      return { message: `${name} must be ${inWords(schema)}.`, ...meant(error) };
    case 'pattern':
      return {
        message: `${key === undefined ? name : `"${key}":`} ${schema.patternErrorMessage}.`,
      };
    case 'minimum':
    case 'maximum':
      return { message: `${name} must be from ${schema.minimum} to ${schema.maximum}.` };
    case 'maxLength':
      return { message: `${name} must be at most ${params.limit} characters.` };
    case 'maxItems':
      return { message: `${name} has more than ${params.limit} entries.` };
    case 'uniqueItems':
      return { message: `${name} has "${duplicateOf(error)}" twice.` };
    // Each has one item or member at least.
    default:
      return { message: `${name} is empty.` };
  }
}

function nameOf(path: Path): string {
  const last = path.at(-1);
  if (last === undefined) return 'The file';
  return typeof last === 'number' ? `An entry of "${path.at(-2) ?? ''}"` : `"${last}"`;
}

function unknownKey(name: string, { schema, path }: ShapeError): Said {
  const known = Object.keys(schema.properties ?? {});
  const last = path.findLast((step) => typeof step === 'string');
  const where = last === undefined ? 'at the top of the file' : `in "${last}"`;
  const hint = didYouMean(name, known) ?? `Known keys: ${known.join(', ')}.`;
  return { message: `"${name}" is not known ${where}.`, hint };
}

function duplicateOf({ params, value }: ShapeError): unknown {
  return Array.isArray(value) ? value[Number(params.i)] : undefined;
}

function inWords({ type, enum: words, patternErrorMessage }: Schema): string {
  if (words !== undefined) return orList(words);
  if (type === 'string' && patternErrorMessage?.startsWith('must be ')) {
    return patternErrorMessage.slice('must be '.length);
  }
  return [type]
    .flat()
    .map((each) => TYPES[each ?? ''])
    .join(' or ');
}

const TYPES: Readonly<Record<string, string>> = {
  object: 'a map (key: value)',
  array: 'a list ([a, b])',
  string: 'a string',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
};

function meant({ schema, value }: ShapeError): Pick<Problem, 'hint'> {
  const hint = didYouMean(String(value), schema.enum ?? []);
  return hint === undefined ? {} : { hint };
}

function typeHint({ schema: { type, pattern }, value }: ShapeError): Pick<Problem, 'hint'> {
  if (type === 'boolean' && typeof value === 'string') {
    if (/^(yes|on)$/i.test(value)) return { hint: 'Write true.' };
    if (/^(no|off)$/i.test(value)) return { hint: 'Write false.' };
  }
  const isBare = typeof value === 'number' || typeof value === 'boolean';
  const wantsText = [type].flat().includes('string') && pattern === undefined;
  return isBare && wantsText ? { hint: `Put it in quotes: "${value}".` } : {};
}

function exampleOf(schema: Schema | undefined): string {
  const example = schema?.enum?.join(' or ') ?? schema?.examples?.[0];
  return typeof example === 'string' ? `, such as ${example}` : '';
}

function orList(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
