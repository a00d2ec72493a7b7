/** Compares a tree with its schema. The one place that gives the schema its meaning beside editors. */
import { isAlias, isMap, isScalar, isSeq, type ParsedNode, type YAMLMap, type YAMLSeq } from 'yaml';
import type { Path, Problem } from './problem.ts';
import { didYouMean } from './problem.ts';
import type { Schema } from './schema/schema.ts';
import type { Tree } from './tree.ts';

/** A problem, and whose value it is. */
export interface ShapeProblem extends Problem {
  readonly path: Path;
}

interface Checking {
  readonly place: Tree['place'];
  readonly problems: ShapeProblem[];
}

interface Spot {
  readonly schema: Schema;
  readonly path: Path;
  /** Of the key, for what has no place of its own. */
  readonly offset: number;
}

/** Everything in which a tree is not as its schema says. */
export function checkShape(tree: Tree, schema: Schema): readonly ShapeProblem[] {
  const checking = { place: tree.place, problems: [] };
  checkNode(checking, tree.root, { schema, path: [], offset: 0 });
  return checking.problems;
}

function checkNode(checking: Checking, node: unknown, spot: Spot): void {
  const types = [spot.schema.type].flat();
  if (isMap(node) && types.includes('object')) checkMap(checking, node, spot);
  else if (isSeq(node) && types.includes('array')) checkList(checking, node, spot);
  // An alias was told of when the tree was read.
  else if (!isAlias(node)) checkScalar(checking, node, spot);
}

function checkScalar(checking: Checking, node: unknown, spot: Spot): void {
  const { schema } = spot;
  const value = isScalar(node) ? node.value : undefined;
  if (![schema.type].flat().some((type) => isOfType(type, value))) {
    const message = `${nameOf(spot)} must be ${inWords(schema)}.`;
    add(checking, spot, { node, message, hint: typeHint(schema, value) });
    return;
  }
  const fault = valueFault(schema, value);
  if (fault === undefined) return;
  add(checking, spot, { node, message: `${nameOf(spot)} ${fault.message}.`, hint: fault.hint });
}

function checkMap(checking: Checking, node: YAMLMap, spot: Spot): void {
  const { schema, path } = spot;
  const { properties = {}, additionalProperties, required = [] } = schema;
  const seen = new Map<string, number>();
  for (const { key, value } of node.items) {
    if (!isScalar(key)) continue;
    const name = String(key.value);
    const offset = key.range?.[0] ?? spot.offset;
    const at = { path: [...path, name], offset };
    const earlier = seen.get(name);
    if (earlier !== undefined) {
      const { line } = checking.place(earlier);
      add(
        checking,
        { schema, ...at },
        { node: key, message: `"${name}" is here twice: first on line ${line}.` },
      );
      continue;
    }
    seen.set(name, offset);
    const member = Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
    if (member === undefined || member === false) {
      add(checking, { schema, ...at }, { node: key, ...unknownKey(name, spot) });
      continue;
    }
    const nameFault = patternFault(schema.propertyNames ?? {}, name);
    if (nameFault !== undefined)
      add(checking, { schema, ...at }, { node: key, message: `"${name}": ${nameFault}.` });
    checkNode(checking, value, { schema: member, ...at });
  }
  for (const name of required.filter((each) => !seen.has(each))) {
    const message = `${nameOf(spot)} needs "${name}"${exampleOf(properties[name])}.`;
    add(checking, spot, { node: undefined, message });
  }
  if (seen.size < (schema.minProperties ?? 0))
    add(checking, spot, { node, message: `${nameOf(spot)} is empty.` });
}

function checkList(checking: Checking, node: YAMLSeq, spot: Spot): void {
  const { schema, path } = spot;
  const { items, minItems = 0, maxItems = Number.POSITIVE_INFINITY } = schema;
  if (node.items.length < minItems)
    add(checking, spot, { node, message: `${nameOf(spot)} is empty.` });
  if (node.items.length > maxItems) {
    add(checking, spot, { node, message: `${nameOf(spot)} has more than ${maxItems} entries.` });
  }
  const seen = new Set<unknown>();
  for (const [index, item] of node.items.entries()) {
    const offset = (item as ParsedNode | null)?.range?.[0] ?? spot.offset;
    const at = { schema: items ?? schema, path: [...path, index], offset };
    if (items !== undefined) checkNode(checking, item, at);
    const value = isScalar(item) ? item.value : undefined;
    if (schema.uniqueItems === true && value !== undefined) {
      if (seen.has(value))
        add(checking, at, { node: item, message: `"${value}" is in this list twice.` });
      seen.add(value);
    }
  }
}

function add(
  checking: Checking,
  spot: Spot,
  said: { readonly node: unknown; readonly message: string; readonly hint?: string | undefined },
): void {
  const { message, hint } = said;
  const own = (said.node as ParsedNode | undefined)?.range?.[0];
  const place = checking.place(own ?? spot.offset);
  checking.problems.push({
    ...place,
    message,
    path: spot.path,
    ...(hint === undefined ? {} : { hint }),
  });
}

function nameOf({ path }: Spot): string {
  const last = path.at(-1);
  if (last === undefined) return 'The file';
  return typeof last === 'number' ? `An entry of "${path.at(-2) ?? ''}"` : `"${last}"`;
}

function unknownKey(name: string, { schema, path }: Spot): Pick<Problem, 'message' | 'hint'> {
  const known = Object.keys(schema.properties ?? {});
  const last = path.findLast((step) => typeof step === 'string');
  const where = last === undefined ? 'at the top of the file' : `in "${last}"`;
  const hint = didYouMean(name, known) ?? `There is: ${known.join(', ')}.`;
  return { message: `"${name}" is not known ${where}.`, hint };
}

function valueFault(schema: Schema, value: unknown): Pick<Problem, 'message' | 'hint'> | undefined {
  if (typeof value === 'number') {
    const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema;
    if (value >= minimum && value <= maximum) return undefined;
    return { message: `must be from ${minimum} to ${maximum}` };
  }
  if (typeof value !== 'string') return undefined;
  if (schema.enum !== undefined && !schema.enum.includes(value)) {
    const hint = didYouMean(value, schema.enum);
    return { message: `must be ${orList(schema.enum)}`, ...(hint === undefined ? {} : { hint }) };
  }
  if (schema.maxLength !== undefined && value.length > schema.maxLength) {
    return { message: `must be ${schema.maxLength} characters at most` };
  }
  const message = patternFault(schema, value);
  return message === undefined ? undefined : { message };
}

function patternFault(
  { pattern, patternErrorMessage }: Pick<Schema, 'pattern' | 'patternErrorMessage'>,
  value: string,
): string | undefined {
  if (pattern === undefined || expressionOf(pattern).test(value)) return undefined;
  return patternErrorMessage ?? 'is not as it must be';
}

const EXPRESSIONS = new Map<string, RegExp>();

function expressionOf(pattern: string): RegExp {
  const known = EXPRESSIONS.get(pattern) ?? new RegExp(pattern, 'u');
  EXPRESSIONS.set(pattern, known);
  return known;
}

function isOfType(type: string, value: unknown): boolean {
  if (type === 'integer') return Number.isSafeInteger(value);
  if (type === 'number') return typeof value === 'number' && Number.isFinite(value);
  return typeof value === type && type !== 'object';
}

function inWords(schema: Schema): string {
  if (schema.enum !== undefined) return orList(schema.enum);
  const { patternErrorMessage } = schema;
  if (schema.type === 'string' && patternErrorMessage?.startsWith('must be ')) {
    return patternErrorMessage.slice('must be '.length);
  }
  return [schema.type]
    .flat()
    .map((type) => TYPES[type])
    .join(' or ');
}

const TYPES = {
  object: 'a map (key: value)',
  array: 'a list ([a, b])',
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
} as const;

function typeHint(schema: Schema, value: unknown): string | undefined {
  if (schema.type === 'boolean' && typeof value === 'string') {
    if (/^(yes|on)$/i.test(value)) return 'Write true.';
    if (/^(no|off)$/i.test(value)) return 'Write false.';
  }
  const isBare = typeof value === 'number' || typeof value === 'boolean';
  const wantsText = [schema.type].flat().includes('string') && schema.pattern === undefined;
  return isBare && wantsText ? `Put it in quotes: "${value}".` : undefined;
}

function exampleOf(schema: Schema | undefined): string {
  const example = schema?.enum?.join(' or ') ?? schema?.examples?.[0];
  return typeof example === 'string' ? `, such as ${example}` : '';
}

function orList(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
