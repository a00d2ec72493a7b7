/** What a rule about one source file is. */
import type ts from 'typescript';

/** Something that a file may not do. */
export interface Finding {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

/** One file on its way through the rules. */
export interface Source {
  /** Its path from the project's folder, which says what it may do. */
  readonly file: string;
  readonly tree: ts.SourceFile;
}

/** Says what is wrong with one node, if anything. */
export type Rule = (source: Source, node: ts.Node) => string | undefined;

/** What a file may do against a rule, and why. Each entry must be needed: a test says so. */
export interface Allowed {
  /** A file, or a folder with a slash at its end. */
  readonly path: string;
  readonly reason: string;
}

export const isGenerated = (file: string): boolean => file.includes('/src/gen/');

/** Code of tests, tools and benches, which may do what production code may not. */
export const isTest = (file: string): boolean =>
  /\.test\.ts$|\/(test-support|fixtures)\/|^(tests|tools|bench)\/|^packages\/testing\//.test(file);

/** Whether one of the entries names this file or a folder above it. */
export function isAllowed(file: string, allowed: readonly Allowed[]): boolean {
  return allowed.some(({ path }) => (path.endsWith('/') ? file.startsWith(path) : file === path));
}
