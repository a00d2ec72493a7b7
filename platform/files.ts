/** Files of the data folder: readable only by the owner, and never seen half written. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Creates a folder, with its parents, that only its owner may enter (0700). */
export async function privateFolder(path: string): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await chmod(path, 0o700);
  return path;
}

/**
 * Writes a file that only its owner may read (0600). A reader sees the old content or the new one,
 * never a part.
 */
export async function writePrivate(path: string, content: string): Promise<void> {
  await privateFolder(dirname(path));
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(temporary, content, { mode: 0o600, flag: 'wx' });
    await rename(temporary, path);
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw thrown;
  }
}

/** The file's text, or `undefined` when there is none. */
export async function readIfExists(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return undefined;
    throw thrown;
  }
}

/**
 * The file's text; created first when there is none.
 *
 * Not safe against two writers at once: call it under the platform's lock.
 */
export async function readOrCreate(path: string, create: () => string): Promise<string> {
  const present = await readIfExists(path);
  if (present !== undefined) return present;
  const created = create();
  await writePrivate(path, created);
  return created;
}
