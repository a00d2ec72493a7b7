/** A copy of the working tree in a temporary folder, with the dependencies of this one. */
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const LEFT_OUT = new Set(['node_modules', '.git', '.cache', '.gatehouse', 'dist', 'bench', 'docs']);

/** @returns its folder, and how to remove it. */
export async function copyClone(): Promise<{ root: string; remove: () => Promise<void> }> {
  const root = await mkdtemp(join(tmpdir(), 'gatehouse-clone-'));
  for (const name of await readdir(ROOT)) {
    if (LEFT_OUT.has(name)) continue;
    await cp(join(ROOT, name), join(root, name), {
      recursive: true,
      filter: (source) => !LEFT_OUT.has(basename(source)),
    });
  }
  await linkDependencies(root);
  return { root, remove: () => rm(root, { recursive: true, force: true, maxRetries: 10 }) };
}

// Link by link, since our own packages must be those of the copy.
async function linkDependencies(root: string): Promise<void> {
  const [from, to] = [join(ROOT, 'node_modules'), join(root, 'node_modules')];
  await mkdir(to);
  for (const name of await readdir(from)) {
    if (name !== '@gatehouse') await symlink(join(from, name), join(to, name));
  }
  await cp(join(from, '@gatehouse'), join(to, '@gatehouse'), {
    recursive: true,
    verbatimSymlinks: true,
  });
}
