import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT, run } from './command.ts';

/** Where code of the project lives. */
export const CODE_FOLDERS = ['packages', 'platform', 'services', 'apps', 'tests', 'tools', 'bench'];

const NOT_OURS = new Set(['node_modules', 'dist', '.cache', '.gatehouse', '.git']);

/**
 * Every TypeScript file below the folders of code.
 *
 * @param root - the folder of the project, or of a model of it.
 * @returns paths relative to it, sorted.
 */
export function typeScriptFiles(root: string = ROOT): readonly string[] {
  return CODE_FOLDERS.flatMap((folder) => walk(join(root, folder)))
    .filter((path) => path.endsWith('.ts'))
    .map((path) => relative(root, path))
    .sort();
}

/**
 * What a clone holds: the files that git tracks, and those about to be added.
 *
 * @throws Error where git or its folder is missing.
 */
export async function trackedFiles(): Promise<readonly string[]> {
  // The clone may belong to another user than the one who checks it.
  const args = ['-c', `safe.directory=*`, 'ls-files', '-z', '-c', '-o', '--exclude-standard'];
  const { exitCode, stdout, stderr } = await run('git', args);
  if (exitCode !== 0) throw new Error(`git ls-files failed (is git installed?): ${stderr}`);
  return [...new Set(stdout.split('\0').filter((path) => path !== ''))].sort();
}

function walk(folder: string): string[] {
  let entries: ReturnType<typeof readEntries>;
  try {
    entries = readEntries(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return entries.flatMap((entry) => {
    if (NOT_OURS.has(entry.name) || entry.isSymbolicLink()) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? walk(path) : [path];
  });
}

function readEntries(folder: string) {
  return readdirSync(folder, { withFileTypes: true });
}
