/**
 * Ports: interfaces that more than one thing stands behind. One with several adapters has one suite, which
 * each of them passes; one with a single implementation has a fake, or it would be an arrow for nothing.
 *
 * Which interface is a port no tool can see, so they are listed here. What it does see: a listed one that
 * is not as it says, and an interface that classes of several files implement and that is not listed.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from './command.ts';
import { type Finding, isGenerated, isTest } from './rule.ts';

/** An interface, and what stands behind it. */
export interface Port {
  readonly name: string;
  /** Where it is declared. */
  readonly file: string;
  /** Where each production implementation is. */
  readonly adapters: readonly string[];
  /** Several adapters: the exported suite, and where each of them is put through it. */
  readonly suite?: {
    readonly name: string;
    readonly file: string;
    readonly usedIn: readonly string[];
  };
  /** One adapter: what stands in for it in tests. */
  readonly fake?: string;
  readonly reason: string;
}

/** An interface that several files implement and that is no port. */
export interface NoPort {
  readonly name: string;
  readonly reason: string;
}

/** The house, as far as ports go. */
export interface Ports {
  readonly ports: readonly Port[];
  readonly noPorts: readonly NoPort[];
}

/** Finds what is not as the list says, among production files below `root`. */
export function portFindings(
  { ports, noPorts }: Ports,
  files: readonly string[],
  root: string = ROOT,
): readonly Finding[] {
  const read = (file: string): string => {
    return files.includes(file) ? readFileSync(join(root, file), 'utf8') : '';
  };
  const known = new Set([...ports, ...noPorts].map(({ name }) => name));
  const shared = implementedBy(files, read);
  const unlisted = [...shared].filter(([name, found]) => found.size > 1 && !known.has(name));
  return [
    ...ports.flatMap((port) => faultsOf(port, read)),
    ...noPorts
      .filter(({ name }) => (shared.get(name)?.size ?? 0) < 2)
      .map(({ name }) => finding('tools/checks/port-list.ts', `${name} is listed for nothing`)),
    ...unlisted.map(([name, found]) => {
      const all = [...found].join(', ');
      return finding(all, `${name} has several implementations: list it with its suite`);
    }),
  ];
}

function faultsOf(port: Port, read: (file: string) => string): readonly Finding[] {
  const { name, file, adapters, suite, fake } = port;
  const missing = (where: string, what: string): readonly Finding[] =>
    new RegExp(`\\b${what}\\b`).test(read(where)) ? [] : [finding(where, `${what} is not in it`)];
  const behind = adapters.flatMap((adapter) => missing(adapter, name));
  if (adapters.length > 1) {
    if (suite === undefined) return [finding(file, `${name} has adapters and no suite`)];
    const uses = suite.usedIn.flatMap((test) => missing(test, suite.name));
    return [...missing(file, name), ...behind, ...missing(suite.file, suite.name), ...uses];
  }
  if (fake === undefined) return [finding(file, `${name} has one adapter and no fake`)];
  return [...missing(file, name), ...behind, ...missing(fake, name)];
}

/** Interface → production files with a class that implements it. */
function implementedBy(files: readonly string[], read: (file: string) => string) {
  const found = new Map<string, Set<string>>();
  for (const file of files) {
    if (isTest(file) || isGenerated(file)) continue;
    const tree = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest);
    for (const statement of tree.statements) {
      for (const name of ts.isClassDeclaration(statement) ? interfacesOf(statement, tree) : []) {
        found.set(name, (found.get(name) ?? new Set()).add(file));
      }
    }
  }
  return found;
}

function interfacesOf({ heritageClauses }: ts.ClassDeclaration, tree: ts.SourceFile) {
  return (heritageClauses ?? [])
    .filter(({ token }) => token === ts.SyntaxKind.ImplementsKeyword)
    .flatMap(({ types }) => types.map(({ expression }) => expression.getText(tree)));
}

function finding(file: string, message: string): Finding {
  return { file, line: 1, message };
}
