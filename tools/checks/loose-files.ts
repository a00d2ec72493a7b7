/** A folder says what is in it; a `src` with many files beside its folders does not. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './command.ts';
import type { Finding } from './rule.ts';

/** Files beside the folders of a `src`, at most. */
export const MAX_LOOSE = 5;

const AT_ROOT = /^((?:packages|services|apps)\/[^/]+)\/src\/[^/]+\.ts$/;

/**
 * Finds a `src` with too many files of its own. Tests stand beside what they test and do not count, nor do
 * the entries that a package.json exports.
 *
 * @param files - all of the project, or of a model of it below `root`.
 */
export function looseFindings(files: readonly string[], root: string = ROOT): readonly Finding[] {
  const byHome = Map.groupBy(
    files.filter((file) => AT_ROOT.test(file) && !file.endsWith('.test.ts')),
    (file) => AT_ROOT.exec(file)?.[1] ?? '',
  );
  return [...byHome].flatMap(([home, all]) => {
    const manifest = readFileSync(join(root, home, 'package.json'), 'utf8');
    const { exports } = JSON.parse(manifest) as { readonly exports?: unknown };
    const entries = JSON.stringify(exports ?? {});
    const loose = all.filter((file) => !entries.includes(`"./${file.slice(home.length + 1)}"`));
    if (loose.length <= MAX_LOOSE) return [];
    const message = `has ${loose.length} loose files, above ${MAX_LOOSE}: put them into folders`;
    return [{ file: `${home}/src`, line: 1, message }];
  });
}
