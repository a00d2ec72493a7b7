/** `<data>/logs/<part>.log`: what each part printed, bounded at each start. */
import { open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { privateFolder } from '../files.ts';

/** A log above this is rotated to `<part>.log.1`, which replaces the previous one. */
const ROTATE_AT_BYTES = 10_000_000;

/** Rotates the part's log if it has grown, and returns its path. */
export async function prepareLog(folder: string, part: string): Promise<string> {
  const path = join(await privateFolder(folder), `${part}.log`);
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > ROTATE_AT_BYTES) await rename(path, `${path}.1`);
  const file = await open(path, 'a', 0o600);
  await file.close();
  return path;
}

/** The last lines of a log written after `fromBytes`, for a person who must see why a part failed. */
export async function lastLines(path: string, count: number, fromBytes = 0): Promise<string[]> {
  const text = (await readFile(path)).subarray(fromBytes).toString('utf8');
  return text.trimEnd().split('\n').slice(-count);
}
