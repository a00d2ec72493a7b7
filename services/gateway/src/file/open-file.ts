/** A file that was read as YAML and compared with its schema; its parts are read one by one. */
import type {
  IssuerInFile,
  ListenInFile,
  PassportsInFile,
  RouteInFile,
  UpstreamInFile,
} from './file-types.ts';
import type { ReadingFiles } from './named-files.ts';
import { inOrder, type Path, type Problem } from './problem.ts';
import { createReport, type Report } from './report.ts';
import { type FileKind, validate } from './schema.ts';
import { shapeProblems } from './shape-problems.ts';
import { plainValue, readTree } from './tree.ts';

/** A file that was read, or all that is wrong with it. */
export type Reading<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** What each part holds, with its defaults. */
interface Parts {
  readonly listen: ListenInFile;
  readonly passports: PassportsInFile;
}

/** What the members of each part hold, with their defaults. */
interface Members {
  readonly routes: RouteInFile;
  readonly upstreams: UpstreamInFile;
  readonly issuers: IssuerInFile;
}

/** A file of which the shape was checked. */
export interface OpenFile {
  readonly report: Report;
  readonly files: ReadingFiles;
  /** A part; undefined where its shape is wrong. */
  part<Name extends keyof Parts>(name: Name): Parts[Name] | undefined;
  /** Names or indexes of all members of a part. */
  steps(name: keyof Members): readonly (string | number)[];
  /** A member of a part; undefined where its shape is wrong. */
  member<Name extends keyof Members>(name: Name, step: string | number): Members[Name] | undefined;
  /** All that was found so far, in the order of the file. */
  problems(): readonly Problem[];
}

/** Reads the text as YAML and compares it with its schema. */
export function openFile(text: string, kind: FileKind, files: ReadingFiles): OpenFile {
  const tree = readTree(text);
  const value = plainValue(tree.root);
  const isUnread = tree.root === undefined && tree.problems.length > 0;
  const shape = isUnread ? [] : shapeProblems(tree, validate(kind, value));
  const report = createReport(tree);
  // What the schema found nothing wrong with is what the types say.
  const soundAt = (path: Path): unknown =>
    shape.some((problem) => path.every((step, at) => problem.path[at] === step))
      ? undefined
      : path.reduce<unknown>((within, step) => Object(within)[step], value);
  return {
    report,
    files,
    part: (name) => soundAt([name]) as Parts[typeof name] | undefined,
    steps: (name) => {
      const members: unknown = Object(value)[name];
      return Array.isArray(members) ? [...members.keys()] : Object.keys(Object(members));
    },
    member: (name, step) => soundAt([name, step]) as Members[typeof name] | undefined,
    problems: () => inOrder([...tree.problems, ...shape, ...report.problems]),
  };
}
