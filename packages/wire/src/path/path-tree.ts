/** Which entries a path means: the one tree for every kind of route. */
import { templateSegments, type VariablesOf, variablesOf } from './path-template.ts';

/** What an entry says of itself. */
export interface PathRule {
  /**
   * Literal segments, whole-segment variables (`{id}`), and as the last one a rest (`{path=**}`), which
   * takes none, one or many. Compared with decoded segments.
   */
  readonly template: string;
  /** `GET` implies `HEAD`. */
  readonly verbs: readonly string[];
}

/** All entries that share a path: what a request to there can mean. Frozen, one for each path. */
export interface PathMatch<Entry> {
  /** Of the first of its entries: for spans, logs and metrics. */
  readonly template: string;
  /** `HEAD` is where `GET` is. */
  readonly byVerb: ReadonlyMap<string, Entry>;
  /** The value of `Allow`; `OPTIONS` is always in it. */
  readonly allow: string;
  /** By the names in {@link PathMatch.template}. */
  readonly variables: VariablesOf;
}

/** Finds the path of segments, decoded as `readTarget` gives them. */
export type PathTree<Entry> = (segments: readonly string[]) => PathMatch<Entry> | undefined;

/** A place in the tree: what has been read of a path so far. */
interface Node<Entry> {
  readonly literals: Map<string, Node<Entry>>;
  /** The literals as one that does not care about case would read them. */
  readonly folded: Set<string>;
  variable?: Node<Entry>;
  /** Where a rest begins. */
  rest?: Ending<Entry>;
  ending?: Ending<Entry>;
}

/** Where templates end. */
interface Ending<Entry> {
  readonly entries: Entry[];
  path?: PathMatch<Entry>;
}

/** Something was found that another reader might take for something else. */
const AMBIGUOUS = Symbol('ambiguous');
type Found<Entry> = Ending<Entry> | typeof AMBIGUOUS | undefined;

/**
 * Builds the tree. Segment by segment from the left a literal wins over a variable, and that over a
 * rest; where one leads nowhere the next is tried.
 *
 * Nothing is found where many a framework would see another route than the one that is left: where a
 * segment is a literal but for its case, and where a path is another route's but for the slash at its
 * end. (Express takes `/Admin` and `/admin/` for `/admin`.)
 *
 * @param entries - no two with an equal path and verb.
 */
export function createPathTree<Entry>(
  entries: readonly Entry[],
  ruleOf: (entry: Entry) => PathRule,
): PathTree<Entry> {
  const root = emptyNode<Entry>();
  for (const entry of entries) {
    const ending = endingOf(root, ruleOf(entry).template);
    ending.entries.push(entry);
  }
  freeze(root, ruleOf);
  return (segments) => {
    const found = find(root, segments, 0);
    return found === AMBIGUOUS ? undefined : found?.path;
  };
}

function endingOf<Entry>(root: Node<Entry>, template: string): Ending<Entry> {
  let node = root;
  for (const { kind, text } of templateSegments(template)) {
    if (kind === 'rest') {
      node.rest ??= { entries: [] };
      return node.rest;
    }
    if (kind === 'literal') {
      node = literalOf(node, text);
    } else {
      node.variable ??= emptyNode();
      node = node.variable;
    }
  }
  node.ending ??= { entries: [] };
  return node.ending;
}

function find<Entry>(node: Node<Entry>, segments: readonly string[], index: number): Found<Entry> {
  const segment = segments[index];
  if (segment === undefined) return atEnd(node);
  const literal = node.literals.get(segment);
  if (literal !== undefined) {
    const found = find(literal, segments, index + 1);
    if (found !== undefined) return found;
  } else if (isAlmost(node, segment)) {
    return AMBIGUOUS;
  }
  if (node.variable !== undefined && segment !== '') {
    const found = find(node.variable, segments, index + 1);
    if (found !== undefined) return found;
  }
  return node.rest;
}

function atEnd<Entry>(node: Node<Entry>): Found<Entry> {
  if (node.ending !== undefined) return node.ending;
  return node.literals.get('')?.ending === undefined ? node.rest : AMBIGUOUS;
}

/** A literal but for its case, or the end of a template but for a slash. */
function isAlmost<Entry>({ ending, folded }: Node<Entry>, segment: string): boolean {
  if (segment === '') return ending !== undefined;
  return folded.size > 0 && folded.has(fold(segment));
}

// What folding leaves as it is: most segments.
const FOLDED = /^[\x20-\x40\x5b-\x7e]*$/;

// Also what upper case makes alike (the long s), and full-width letters.
function fold(segment: string): string {
  if (FOLDED.test(segment)) return segment;
  return segment.normalize('NFKC').toUpperCase().toLowerCase();
}

function literalOf<Entry>(node: Node<Entry>, segment: string): Node<Entry> {
  const known = node.literals.get(segment);
  if (known !== undefined) return known;
  const made = emptyNode<Entry>();
  node.literals.set(segment, made);
  node.folded.add(fold(segment));
  return made;
}

function emptyNode<Entry>(): Node<Entry> {
  return { literals: new Map(), folded: new Set() };
}

function freeze<Entry>(node: Node<Entry>, ruleOf: (entry: Entry) => PathRule): void {
  for (const ending of [node.ending, node.rest]) {
    if (ending !== undefined) ending.path = pathOf(ending.entries, ruleOf);
  }
  for (const inner of node.literals.values()) freeze(inner, ruleOf);
  if (node.variable !== undefined) freeze(node.variable, ruleOf);
}

function pathOf<Entry>(
  entries: readonly Entry[],
  ruleOf: (entry: Entry) => PathRule,
): PathMatch<Entry> {
  const rules = entries.map((entry) => ({ entry, ...ruleOf(entry) }));
  const said = new Set(rules.flatMap(({ verbs }) => verbs));
  const byVerb = new Map<string, Entry>();
  for (const { entry, verbs } of rules) {
    for (const verb of verbs) {
      byVerb.set(verb, entry);
      if (verb === 'GET' && !said.has('HEAD')) byVerb.set('HEAD', entry);
    }
  }
  const allow = [...new Set([...byVerb.keys(), 'OPTIONS'])].join(', ');
  const template = rules[0]?.template ?? '';
  return Object.freeze({ template, byVerb, allow, variables: variablesOf(template) });
}
