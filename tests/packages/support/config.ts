import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Where Chromium is: as `CHROMIUM` says, which .ci/run sets where it could only be unpacked, or where
 * Debian's package puts it.
 *
 * @throws Error when it is not installed.
 */
export function chromiumPath(): string {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found =
    process.env.CHROMIUM ?? folders.map((folder) => join(folder, 'chromium')).find(existsSync);
  if (found === undefined) throw new Error('chromium is needed: apt-get install chromium');
  return found;
}
