/** The files of a clone, and where they are. */
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the project. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

const NOT_OURS = new Set(['node_modules', 'dist']);

/**
 * Every file of the project with this ending, as a path from its folder. Folders that begin with a
 * dot hold no source, except that of CI.
 */
export function filesEndingIn(ending: string): readonly string[] {
  return walk(ROOT)
    .filter((path) => path.endsWith(ending))
    .map((path) => relative(ROOT, path))
    .sort();
}

function walk(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const isHidden = entry.name.startsWith('.') && entry.name !== '.ci';
    if (isHidden || NOT_OURS.has(entry.name) || entry.isSymbolicLink()) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? walk(path) : [path];
  });
}
