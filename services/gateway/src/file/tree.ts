/**
 * The text of a file as a tree that knows where everything stands. YAML 1.2, and only what JSON has too:
 * no anchors, aliases, tags, merge keys, directives, or second documents.
 */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  type Scalar,
  visit,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import type { Path, Problem } from './problem.ts';

/** A file that was read as YAML. */
export interface Tree {
  /** Undefined where it could not be read. */
  readonly root: ParsedNode | undefined;
  readonly problems: readonly Problem[];
  /** Where a character stands. */
  place(offset: number): { readonly line: number; readonly column: number };
}

const MAX_CHARACTERS = 1024 * 1024;
const OPTIONS = {
  version: '1.2',
  schema: 'core',
  merge: false,
  resolveKnownTags: false,
  strict: true,
  stringKeys: true,
  // Compared here by name, which says more, and takes no square of time.
  uniqueKeys: false,
  prettyErrors: false,
  // A silent one also says nothing of a second document.
  logLevel: 'error',
} as const;

/** In words of what to do; what is not here says the parser. */
const WORDS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'A tab cannot indent here: use spaces.',
  MULTIPLE_DOCS: 'There is a second document: a file has one.',
  MULTILINE_IMPLICIT_KEY: 'This is no "key: value": is a colon missing, or a space behind it?',
  BLOCK_AS_IMPLICIT_KEY: 'There is a "key: value" inside another on one line: put it in quotes.',
  NON_STRING_KEY: 'A key must be a string.',
  IMPOSSIBLE: 'This is nested too deeply.',
  RESOURCE_EXHAUSTION: 'This is nested too deeply.',
  BAD_INDENT: 'This is indented neither like what stands above it nor deeper.',
};

/** Reads YAML. Never throws: what is wrong is in `problems`. */
export function readTree(text: string): Tree {
  const lines = new LineCounter();
  const place: Tree['place'] = (offset) => {
    const { line, col } = lines.linePos(offset);
    // Before the first character of an empty text there is no line yet.
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const atStart = (message: string): Tree => ({
    root: undefined,
    problems: [{ line: 1, column: 1, message }],
    place,
  });
  if (text.length > MAX_CHARACTERS) return atStart('The file is larger than 1 MiB.');
  if (text.startsWith('\uFEFF')) {
    return atStart('The file begins with a byte order mark: save it as plain UTF-8.');
  }
  if (text.includes('\uFFFD')) return atStart('The file is not valid UTF-8.');
  try {
    const document = parseDocument<ParsedNode>(text, { ...OPTIONS, lineCounter: lines });
    const faults = [...document.errors, ...document.warnings].map((fault) => faultOf(fault, place));
    // What follows the first is mostly a consequence of it.
    if (faults.length > 0) return { root: undefined, problems: faults.slice(0, 1), place };
    const root = document.contents ?? undefined;
    return { root, problems: beyondJson(document, place), place };
  } catch {
    // Nested deeper than the parser can follow.
    return atStart('The file cannot be read as YAML.');
  }
}

function faultOf({ code, message, pos }: YAMLError, place: Tree['place']): Problem {
  return { ...place(pos[0]), message: WORDS[code] ?? `${message.replace(/\.?$/, '')}.` };
}

function beyondJson(document: Parameters<typeof visit>[0], place: Tree['place']): Problem[] {
  const problems: Problem[] = [];
  const add = (node: Node, message: string): void => {
    problems.push({ ...place(node.range?.[0] ?? 0), message });
  };
  visit(document, {
    Node: (_key, node) => {
      if (isAlias(node)) add(node, 'An alias (*) is not allowed here: write the value out.');
      else if (node.anchor !== undefined) add(node, 'An anchor (&) is not allowed here.');
      else if (node.tag !== undefined) add(node, 'A tag (!) is not allowed here.');
      if (isMap(node))
        duplicateKeys(node, (key, first) =>
          add(key, `"${key.value}" is a duplicate key: it is first on line ${place(first).line}.`),
        );
    },
    Pair: (_key, pair) => {
      if (isScalar(pair.key) && pair.key.value === '<<') {
        add(pair.key, 'A merge key (<<) is not allowed here: write the values out.');
      }
    },
  });
  return problems;
}

function duplicateKeys(map: YAMLMap, found: (key: Scalar, firstOffset: number) => void): void {
  const seen = new Map<string, number>();
  for (const { key } of map.items) {
    if (!isScalar(key)) continue;
    const first = seen.get(String(key.value));
    if (first === undefined) seen.set(String(key.value), key.range?.[0] ?? 0);
    else found(key, first);
  }
}

/** The node at a path; undefined where there is none. */
export function nodeAt(root: ParsedNode | undefined, path: Path): ParsedNode | undefined {
  let node: ParsedNode | null | undefined = root;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === step);
      node = (pair?.value ?? pair?.key) as ParsedNode | undefined;
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step] as ParsedNode | undefined;
    } else {
      return undefined;
    }
  }
  return node ?? undefined;
}

/** Where the key of a value stands; of an item of a list, where it begins. */
export function keyOffset(root: ParsedNode | undefined, path: Path): number {
  const last = path.at(-1);
  const within = nodeAt(root, path.slice(0, -1));
  const pair = isMap(within)
    ? within.items.find(({ key }) => isScalar(key) && String(key.value) === last)
    : undefined;
  return (pair?.key ?? nodeAt(root, path))?.range?.[0] ?? 0;
}

/** The plain value of a node. Members are own members, whatever they are called. */
export function plainValue(node: unknown): unknown {
  if (isScalar(node)) return node.value;
  if (isSeq(node)) return node.items.map(plainValue);
  if (!isMap(node)) return null;
  return Object.fromEntries(
    node.items.map(({ key, value }) => [isScalar(key) ? String(key.value) : '', plainValue(value)]),
  );
}
