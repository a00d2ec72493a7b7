/** Files of the data folder: for the owner alone, and never seen half written. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes a folder, with those above it, that only its owner may enter (0700). */
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
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return undefined;
    throw thrown;
  }
}

/**
 * The file's text; made first, and kept for ever, when there is none.
 *
 * Not safe against two makers at once: call it under the platform's lock.
 */
export async function readOrMake(path: string, make: () => string): Promise<string> {
  const present = await readIfThere(path);
  if (present !== undefined) return present;
  const made = make();
  await writePrivate(path, made);
  return made;
}
