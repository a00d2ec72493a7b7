/** A copy of the working tree in a temporary folder, with the dependencies of this one. */
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
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

/** The files of a copy, but those that it was not given, by path: the digest of what is in each. */
export async function snapshot(root: string): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  async function look(folder: string): Promise<void> {
    for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (LEFT_OUT.has(entry.name)) continue;
      if (entry.isDirectory()) await look(path);
      else if (entry.isFile()) digests.set(path, digestOf(await readFile(join(root, path))));
    }
  }
  await look('.');
  return digests;
}

/** The paths that were made, changed or removed between two snapshots, in order. */
export function changes(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly string[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((path) => before.get(path) !== after.get(path))
    .sort();
}

/** Whether people write a file: it is neither generated code nor the lock file. */
export function isHandWritten(path: string): boolean {
  return path !== 'package-lock.json' && !path.startsWith('packages/contracts/src/gen/');
}

function digestOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
