/** Another commit of this repository, to be measured in the same run as the files at hand. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A commit as a folder that runs. */
export interface CheckedOut {
  /** Its short hash. */
  readonly commit: string;
  readonly root: string;
}

/**
 * Checks a commit out below `.cache/beside`, with what its own lock file names.
 *
 * @param ref - a branch, a tag, a hash.
 * @throws Error when git knows no such commit, or its installation failed.
 */
export function checkOut(ref: string): CheckedOut {
  const git = (...args: readonly string[]) =>
    execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
  const commit = git('rev-parse', '--short=12', '--verify', `${ref}^{commit}`);
  const root = join(ROOT, '.cache/beside', commit);
  if (!existsSync(root)) {
    console.error(`checking out ${commit}`);
    mkdirSync(join(ROOT, '.cache/beside'), { recursive: true });
    git('worktree', 'add', '--detach', root, commit);
    // Hard links: the installation only replaces what differs, and never writes into a file.
    execFileSync('cp', ['-al', join(ROOT, 'node_modules'), join(root, 'node_modules')]);
  }
  execFileSync('node', ['tools/install.mjs'], { cwd: root, stdio: 'inherit' });
  return { commit, root };
}
