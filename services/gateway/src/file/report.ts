import type { Path, Problem } from './problem.ts';
import { nodeAt, type Tree } from './tree.ts';

/** Collects what is wrong, by the place of the value that it is about. */
export interface Report {
  /** @param path - of the value; where it is not there, of what it would stand in. */
  add(path: Path, message: string, hint?: string | undefined): void;
  readonly problems: readonly Problem[];
  /** The line of a value, for messages about two of them. */
  lineOf(path: Path): number;
}

export function createReport(tree: Tree): Report {
  const problems: Problem[] = [];
  const placeOf = (path: Path): ReturnType<Tree['place']> => {
    for (let length = path.length; length >= 0; length -= 1) {
      const offset = nodeAt(tree.root, path.slice(0, length))?.range?.[0];
      if (offset !== undefined) return tree.place(offset);
    }
    return tree.place(0);
  };
  return {
    problems,
    lineOf: (path) => placeOf(path).line,
    add: (path, message, hint) => {
      problems.push({ ...placeOf(path), message, ...(hint === undefined ? {} : { hint }) });
    },
  };
}

/** A report in which paths begin at some value. */
export function below(report: Report, ...base: Path): Report {
  return {
    problems: report.problems,
    lineOf: (path) => report.lineOf([...base, ...path]),
    add: (path, message, hint) => report.add([...base, ...path], message, hint),
  };
}
